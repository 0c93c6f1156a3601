import { lookup, Resolver } from 'node:dns/promises'
import type { ProbeCheck, ProbeSight } from './probe-check.ts'
import { AS_EXPECTED } from './probe-check.ts'

export type DnsCheckOptions = {
  readonly kind: 'dns'
  readonly name: string
  /** `A` where it is left out. */
  readonly type?: 'A' | 'AAAA' | undefined
  /** Address (and port) of a name server; without one, whatever this machine's programs ask. */
  readonly server?: string | undefined
  /** The only addresses that it may resolve to. */
  readonly expect?: readonly string[] | undefined
}

/** Resolves a name, and compares the addresses. */
export function openDnsCheck(options: DnsCheckOptions): ProbeCheck {
  const { name, type = 'A', server } = options
  return {
    kind: 'dns',
    target: server === undefined ? `${name} ${type}` : `${name} ${type} @${server}`,
    look: async (signal) => judge(await addressesOf(options, signal), options),
    close: async () => {},
  }
}

async function addressesOf(
  { name, type = 'A', server }: DnsCheckOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (server === undefined) {
    const found = lookup(name, { all: true, family: type === 'A' ? 4 : 6 })
    // The system's own resolver cannot be interrupted: it is left behind.
    const all = await Promise.race([found, aborted(signal)])
    return all.map(({ address }) => address)
  }
  const resolver = new Resolver({ tries: 2 })
  resolver.setServers([server])
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return type === 'A' ? await resolver.resolve4(name) : await resolver.resolve6(name)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}

function judge(found: readonly string[], { name, expect }: DnsCheckOptions): ProbeSight {
  if (found.length === 0) return { ...AS_EXPECTED, reason: `expected an address of ${name}, found none` }
  const strangers = expect === undefined ? [] : found.filter((address) => !expect.includes(address))
  if (strangers.length === 0) return AS_EXPECTED
  const reason = `expected ${name} to resolve to ${(expect ?? []).join(', ')}, found ${found.slice(0, 10).join(', ')}`
  return { ...AS_EXPECTED, reason }
}
