import type { Agent, request as sendRequest } from 'undici'
import type { EpochMs } from '../../time.ts'
import type { PlannedRequest } from '../requests/recorded-request.ts'
import type { NoAnswer, RequestOutcome } from '../request.ts'
import { routeOf } from '../requests/route.ts'

export type SenderOptions = {
  readonly requests: readonly PlannedRequest[]
  /** The sum over all requests. */
  readonly ratePerSecond: number
  readonly timeoutMs: number
  /** By default as many as can be outstanding while everything times out, up to 4,000. */
  readonly maxOutstanding?: number
  /** No more arrivals, and no waiting for answers. */
  readonly signal: AbortSignal
  readonly onOutcome: (outcome: RequestOutcome, request: PlannedRequest) => void
}

export type RequestSender = {
  sent(): number
  /** No more arrivals; waits up to `graceMs` for the answers still due, then forgets those requests. */
  stop(graceMs: number): Promise<void>
}

/**
 * Sends requests as users do: arrivals are scheduled, and keep coming when the program stalls; durations count from
 * the scheduled time (an open loop; a closed one would send least when it matters most). Each planned request has its
 * turn by weight. Redirects are not followed. What is outstanding is bounded: past the bound an arrival is a failure,
 * `no-answer`, never silently dropped.
 */
export function startSending(deps: { now: () => EpochMs }, options: SenderOptions): RequestSender {
  const { requests, ratePerSecond, timeoutMs, onOutcome } = options
  const limit = options.maxOutstanding ?? defaultLimit(ratePerSecond, timeoutMs)
  const connections = createConnections(limit)
  const takeTurn = weightedTurns(requests)
  const outstanding = new Set<Promise<void>>()
  const beganAt = deps.now()
  const began = performance.now()
  const intervalMs = 1000 / ratePerSecond
  let sent = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function sendOne(request: PlannedRequest, dueMs: number): Promise<void> {
    const answer = await connections.answerTo(
      request,
      Math.max(1, timeoutMs - (performance.now() - began - dueMs)),
    )
    if (answer === null) return
    const durationMs = answer.noAnswer === 'timed-out' ? timeoutMs : performance.now() - began - dueMs
    onOutcome({ ...describe(request, beganAt + dueMs), ...answer, durationMs }, request)
  }

  function arrive(dueMs: number): void {
    const request = takeTurn()
    if (request === null) return
    sent += 1
    if (outstanding.size >= limit) {
      const refused = { status: null, noAnswer: 'no-answer' as const, durationMs: timeoutMs }
      onOutcome({ ...describe(request, beganAt + dueMs), ...refused }, request)
      return
    }
    const answered = sendOne(request, dueMs).finally(() => outstanding.delete(answered))
    outstanding.add(answered)
  }

  function tick(): void {
    if (stopped) return
    while (sent * intervalMs <= performance.now() - began) arrive(sent * intervalMs)
    timer = setTimeout(tick, Math.max(1, sent * intervalMs - (performance.now() - began)))
  }
  const hurry = (): void => {
    stopped = true
    connections.abandon()
  }
  options.signal.addEventListener('abort', hurry, { once: true })
  if (requests.length > 0) tick()

  return {
    sent: () => sent,
    async stop(graceMs) {
      stopped = true
      clearTimeout(timer)
      const late = setTimeout(connections.abandon, graceMs)
      await Promise.all(outstanding)
      clearTimeout(late)
      options.signal.removeEventListener('abort', hurry)
      await connections.close()
    },
  }
}

function defaultLimit(ratePerSecond: number, timeoutMs: number): number {
  return Math.ceil(Math.min(4_000, Math.max(128, (ratePerSecond * timeoutMs * 1.1) / 1000)))
}

function describe(request: PlannedRequest, at: EpochMs): Pick<RequestOutcome, 'at' | 'route' | 'client'> {
  return { at: Math.round(at), route: routeOf(request.method, new URL(request.url).pathname), client: null }
}

/** Smooth weighted round robin, as nginx does it: no chance, no bursts of one kind. */
function weightedTurns(requests: readonly PlannedRequest[]): () => PlannedRequest | null {
  const total = requests.reduce((sum, request) => sum + request.weight, 0)
  const credits = requests.map(() => 0)
  return () => {
    let best = 0
    for (const [index, request] of requests.entries()) {
      credits[index] = (credits[index] ?? 0) + request.weight
      if ((credits[index] ?? 0) > (credits[best] ?? 0)) best = index
    }
    credits[best] = (credits[best] ?? 0) - total
    return requests[best] ?? null
  }
}

export type Answer = { readonly status: number | null; readonly noAnswer: NoAnswer | null }

export type Connections = {
  /** The answer, or why there is none; null when it was abandoned before either. */
  answerTo(request: PlannedRequest, timeoutMs: number): Promise<Answer | null>
  abandon: () => void
  close(): Promise<void>
}

/**
 * Kept-alive connections. An idle one is given up after a second, before servers do: a request that meets a server's
 * closing would look like a failure of the program, and sending it again could hide a real one.
 */
export function createConnections(limit: number): Connections {
  const opened = openClient(limit)
  const abandoned = new AbortController()
  return {
    async answerTo(request, timeoutMs) {
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(), timeoutMs)
      try {
        const signal = AbortSignal.any([timeout.signal, abandoned.signal])
        return await exchange(await opened, request, signal)
      } catch (error) {
        if (abandoned.signal.aborted) return null
        return { status: null, noAnswer: timeout.signal.aborted ? 'timed-out' : reasonOf(error) }
      } finally {
        clearTimeout(timer)
      }
    },
    abandon: () => abandoned.abort(),
    close: async () => (await opened).agent.destroy(),
  }
}

type Client = { readonly agent: Agent; readonly send: typeof sendRequest }

/** The client is loaded where requests are sent: who only reads logs need not wait for it. */
async function openClient(limit: number): Promise<Client> {
  const { Agent: ClientAgent, request: send } = await import('undici')
  const agent = new ClientAgent({
    connections: limit,
    pipelining: 1,
    keepAliveTimeout: 900,
    keepAliveMaxTimeout: 900,
    headersTimeout: 0,
    bodyTimeout: 0,
    // The program under watch is what was asked for, whatever its certificate says.
    connect: { rejectUnauthorized: false },
  })
  return { agent, send }
}

const MAX_BODY_BYTES = 8 * 1024 * 1024

async function exchange(
  { agent, send }: Client,
  request: PlannedRequest,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await send(request.url, {
    dispatcher: agent,
    method: request.method,
    headers: { accept: '*/*', 'user-agent': 'firebreak', ...request.headers },
    body: request.body,
    signal,
  })
  const answer = { status: response.statusCode, noAnswer: null }
  // A stream of events has no end to wait for.
  if (String(response.headers['content-type'] ?? '').startsWith('text/event-stream')) {
    response.body.on('error', () => {})
    response.body.destroy()
    return answer
  }
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_BODY_BYTES) break // large, and it arrives: an answer
  }
  return answer
}

function reasonOf(error: unknown): NoAnswer {
  const codes = codesOf(error)
  if (codes.some((code) => code === 'ECONNREFUSED')) return 'refused'
  if (codes.some((code) => /TIMEOUT|ETIMEDOUT/.test(code))) return 'timed-out'
  if (codes.some((code) => /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/.test(code))) return 'reset'
  return 'no-answer'
}

/** Of the error, its causes, and the tries of each address of a name. */
function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const { code } = error as NodeJS.ErrnoException
  const tries = error instanceof AggregateError ? (error.errors as readonly unknown[]) : []
  return [...(code === undefined ? [] : [code]), ...[error.cause, ...tries].flatMap(codesOf)]
}
