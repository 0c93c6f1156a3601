import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { PlannedRequest } from '../requests/recorded-request.ts'
import { requestForUrl } from '../requests/recorded-request.ts'
import { createConnections } from './request-sender.ts'
import type { Answer } from './request-sender.ts'

/** Distinct `scheme://host:port` of the planned requests, each with a request that changes nothing. */
export function probesOf(requests: readonly PlannedRequest[]): readonly PlannedRequest[] {
  const probes = new Map<string, PlannedRequest>()
  for (const request of requests) {
    const { origin } = new URL(request.url)
    if (isSafe(request) && !probes.has(origin)) probes.set(origin, request)
  }
  for (const request of requests) {
    const { origin } = new URL(request.url)
    if (!probes.has(origin)) probes.set(origin, requestForUrl(`${origin}/`))
  }
  return [...probes.values()]
}

const isSafe = ({ method }: PlannedRequest): boolean => method === 'GET' || method === 'HEAD'

/**
 * Throws `PORT_IN_USE` when something already accepts connections where the program is going to: its answers would be
 * taken for the program's.
 */
export async function expectNobodyAnswers(requests: readonly PlannedRequest[]): Promise<void> {
  for (const { url } of probesOf(requests)) {
    const { origin } = new URL(url)
    if (await accepts(url)) {
      throw new AppError(
        'PORT_IN_USE',
        `expected ${origin} to be free before the program starts, but something answers there`,
        {
          hint: 'end what runs there, or start the program on another port and give that as --url',
        },
      )
    }
  }
}

/** Does anything accept a connection there? */
export async function accepts(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80), timeout: 2_000 })
  return new Promise((resolve) => {
    const say = (answer: boolean) => (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', say(true)).once('error', say(false)).once('timeout', say(false))
  })
}

export type ReadinessOptions = {
  readonly probes: readonly PlannedRequest[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type Readiness =
  | { readonly kind: 'ready'; readonly at: EpochMs }
  | { readonly kind: 'not-ready'; readonly tried: string }
  | { readonly kind: 'interrupted' }

/**
 * Waits for the first HTTP answer, a 500 too. Where several addresses are asked, the others get a little longer:
 * what is still silent then is part of what is wrong.
 */
export async function waitUntilReady(
  deps: { now: () => EpochMs },
  options: ReadinessOptions,
): Promise<Readiness> {
  const connections = createConnections(options.probes.length + 1)
  options.signal.addEventListener('abort', connections.abandon, { once: true })
  let deadline = performance.now() + options.timeoutMs
  let readyAt: EpochMs | null = null

  /** Null once it has answered, else what became of the last try. */
  async function firstAnswer(probe: PlannedRequest): Promise<string | null> {
    let last = 'not asked'
    while (!options.signal.aborted && performance.now() < deadline) {
      const answer = await connections.answerTo(
        probe,
        Math.min(10_000, Math.max(1, deadline - performance.now())),
      )
      if (answer !== null && answer.status !== null) {
        if (readyAt === null) deadline = Math.min(deadline, performance.now() + OTHERS_GRACE_MS)
        readyAt ??= deps.now()
        return null
      }
      last = wordsFor(answer)
      await pause(PROBE_EVERY_MS, undefined, { signal: options.signal }).catch(() => {})
    }
    return `${probe.url} (${last})`
  }

  const tried = await Promise.all(options.probes.map(firstAnswer))
  options.signal.removeEventListener('abort', connections.abandon)
  await connections.close()
  if (readyAt !== null) return { kind: 'ready', at: readyAt }
  if (options.signal.aborted) return { kind: 'interrupted' }
  return { kind: 'not-ready', tried: tried.filter((word) => word !== null).join(', ') }
}

const PROBE_EVERY_MS = 100
const OTHERS_GRACE_MS = 10_000

function wordsFor(answer: Answer | null): string {
  switch (answer?.noAnswer) {
    case 'refused':
      return 'nothing listens there'
    case 'timed-out':
      return 'it accepts connections but does not answer'
    case 'reset':
      return 'it closes the connection without an answer'
    default:
      return 'its answer is not HTTP, or the name is not known'
  }
}
