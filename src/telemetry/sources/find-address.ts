import { setTimeout as pause } from 'node:timers/promises'
import type { PlannedRequest } from '../requests/recorded-request.ts'
import { requestForUrl } from '../requests/recorded-request.ts'
import type { ListeningPort } from './listening-ports.ts'
import { createConnections } from './request-sender.ts'
import type { Connections } from './request-sender.ts'

export type FindAddressOptions = {
  readonly ports: () => readonly ListeningPort[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** `GET /` at the first port of a program that speaks HTTP; null when time is up, or it ends, before there is one. */
export async function findAddress({
  ports,
  timeoutMs,
  signal,
}: FindAddressOptions): Promise<PlannedRequest | null> {
  const deadline = performance.now() + timeoutMs
  const connections = createConnections(4)
  signal.addEventListener('abort', connections.abandon, { once: true })
  let found: PlannedRequest | null = null
  while (found === null && !signal.aborted && performance.now() < deadline) {
    found = await firstThatAnswers(addressesOf(ports()), connections)
    if (found === null) await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
  signal.removeEventListener('abort', connections.abandon)
  await connections.close()
  return found
}

const LOOK_EVERY_MS = 250
const TRY_MS = 5_000

async function firstThatAnswers(
  addresses: readonly string[],
  connections: Connections,
): Promise<PlannedRequest | null> {
  for (const address of addresses) {
    const request = requestForUrl(address)
    const answer = await connections.answerTo(request, TRY_MS)
    if (answer !== null && answer.status !== null) return request
  }
  return null
}

/** It answers, but not for the program: the debugger's port. */
const NODE_INSPECTOR_PORT = 9229

function addressesOf(ports: readonly ListeningPort[]): readonly string[] {
  const addresses = ports
    .filter(({ port }) => port !== NODE_INSPECTOR_PORT)
    .map(({ host, port }) => {
      const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
      return `http://${name.includes(':') ? `[${name}]` : name}:${port}/`
    })
  return [...new Set(addresses)]
}
