import { AppError } from '../errors.ts'
import type { PlannedRequest, RecordedRequest } from '../telemetry/index.ts'
import { createConnections, isFailed, routeOf } from '../telemetry/index.ts'

export type ReplayDeps = {
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

export type ReplayInput = {
  readonly requests: readonly RecordedRequest[]
  /** Sends to this address instead of the recorded one; paths stay. */
  readonly url: string | null
}

export type StillFailing = {
  readonly route: string
  readonly sent: number
  readonly failed: number
  /** The most frequent failure: a status code, `timed-out`, `reset`, … */
  readonly answer: string
}

export type ReplayResult = { readonly sent: number; readonly stillFailing: readonly StillFailing[] }

const REQUEST_TIMEOUT_MS = 10_000
const AT_ONCE = 4
/** A failure that is still there stays away by luck less often than this. */
const LUCK = 1e-6
const MAX_TIMES = 2_000
/** For a request of which nobody wrote down how often it failed. */
const UNKNOWN_SHARE = 0.5

/**
 * Sends failing requests again: each so often that one that fails now and then is seen to (a failure of one in two: 20
 * times and more). Stops early at a request once it has failed three times. Throws `NEVER_LISTENED` when nothing
 * answers at all: that tells nothing about the failure.
 */
export async function replay(deps: ReplayDeps, input: ReplayInput): Promise<ReplayResult> {
  const connections = createConnections(AT_ONCE)
  deps.signal.addEventListener('abort', connections.abandon, { once: true })
  const stillFailing: StillFailing[] = []
  let sent = 0
  try {
    for (const recorded of input.requests) {
      if (deps.signal.aborted) break
      const request = input.url === null ? recorded : { ...recorded, url: movedTo(recorded.url, input.url) }
      const times = timesFor(recorded)
      deps.onProgress(`${routeFor(request)}: up to ${times} times`)
      const result = await sendOften(request, times, (each) => connections.answerTo(each, REQUEST_TIMEOUT_MS))
      sent += result.sent
      if (result.failed > 0) stillFailing.push({ route: routeFor(request), ...result })
    }
  } finally {
    deps.signal.removeEventListener('abort', connections.abandon)
    await connections.close()
  }
  if (
    sent > 0 &&
    stillFailing.length === input.requests.length &&
    stillFailing.every(({ answer }) => answer === 'refused')
  ) {
    throw nothingListens(input)
  }
  return { sent, stillFailing }
}

function nothingListens({ requests, url }: ReplayInput): AppError {
  const where = url ?? requests[0]?.url ?? ''
  return new AppError(
    'NEVER_LISTENED',
    `expected a program to answer at ${where}, but nothing listens there`,
    {
      hint: 'start the program first, or give its address with --url',
    },
  )
}

const routeFor = ({ method, url }: PlannedRequest): string => routeOf(method, new URL(url).pathname)

function movedTo(recorded: string, base: string): string {
  const { pathname, search } = new URL(recorded)
  const target = new URL(base)
  const prefix = target.pathname.replace(/\/$/, '')
  return `${target.origin}${prefix}${pathname}${search}`
}

/** From the lower end of what the share of failures may have been (Wilson's interval, 2 σ). */
export function timesFor({ observed }: Pick<RecordedRequest, 'observed'>): number {
  const share =
    observed === null || observed.requests === 0
      ? UNKNOWN_SHARE
      : lowerBound(observed.failed, observed.requests)
  if (share <= 0) return MAX_TIMES
  return Math.max(1, Math.min(MAX_TIMES, Math.ceil(Math.log(LUCK) / Math.log(1 - share))))
}

function lowerBound(failed: number, requests: number): number {
  const z2 = 4
  const share = failed / requests
  const spread = 2 * Math.sqrt((share * (1 - share)) / requests + z2 / (4 * requests * requests))
  return Math.min(1 - 1e-9, (share + z2 / (2 * requests) - spread) / (1 + z2 / requests))
}

type Send = (request: PlannedRequest) => ReturnType<ReturnType<typeof createConnections>['answerTo']>

const FAILURES_ENOUGH = 3

async function sendOften(
  request: PlannedRequest,
  times: number,
  send: Send,
): Promise<Omit<StillFailing, 'route'>> {
  const answers = new Map<string, number>()
  let started = 0
  let sent = 0
  let failed = 0
  async function sendInTurn(): Promise<void> {
    while (started < times && failed < FAILURES_ENOUGH) {
      started += 1
      const answer = await send(request)
      if (answer === null) return // stopped by hand
      sent += 1
      if (!isFailed(answer)) continue
      failed += 1
      const word = answer.noAnswer ?? String(answer.status)
      answers.set(word, (answers.get(word) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sendInTurn))
  const [most] = [...answers].sort((a, b) => b[1] - a[1])
  return { sent, failed, answer: most?.[0] ?? '' }
}
