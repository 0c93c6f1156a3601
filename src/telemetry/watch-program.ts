import { setTimeout as pause } from 'node:timers/promises'
import { startGuard } from '../process-guard.ts'
import type { ProcessGuard } from '../process-guard.ts'
import type { EpochMs } from '../time.ts'
import { createFailingRequests } from './requests/failing-requests.ts'
import type { FailingRequests } from './requests/failing-requests.ts'
import type { LogDigester } from './log-digest.ts'
import type { ProcessRecord } from './process-record.ts'
import type { PlannedRequest, RecordedRequest } from './requests/recorded-request.ts'
import { redact } from './redact.ts'
import type { RequestLedger } from './requests/request-ledger.ts'
import { routeOf } from './requests/route.ts'
import { findAddress } from './sources/find-address.ts'
import { followLogs } from './sources/log-follower.ts'
import type { LogFollower } from './sources/log-follower.ts'
import { expectNobodyAnswers, probesOf, waitUntilReady } from './sources/readiness.ts'
import { startSending } from './sources/request-sender.ts'
import type { RequestSender } from './sources/request-sender.ts'
import { startSupervised } from './sources/supervised-process.ts'
import type { SupervisedProcess } from './sources/supervised-process.ts'
import { endedTooEarly, neverListened, seconds } from './start-failure.ts'
import { untilSure } from './stop-rule.ts'
import type { StopRule } from './stop-rule.ts'

export type WatchDeps = {
  readonly now: () => EpochMs
  readonly digester: Pick<LogDigester, 'write' | 'end'>
  readonly ledger: RequestLedger
  readonly onProgress: (line: string) => void
  /** Ctrl-C. */
  readonly signal: AbortSignal
}

export type WatchPlan = {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** What to send; when empty, the port that the program listens on is looked for and `GET /` is sent there. */
  readonly requests: readonly PlannedRequest[]
  /** Over all requests; 20 by default: sure of two routes within half a minute. */
  readonly ratePerSecond?: number
  /** From readiness; null: until it is sure. */
  readonly forMs: number | null
  /** Files and folders. */
  readonly followLogs: readonly string[]
  /** 60 s by default. */
  readonly readinessTimeoutMs?: number
  /** Of one request; 10 s by default. */
  readonly requestTimeoutMs?: number
  /** What the program has for ending in its own way; 3 s by default. */
  readonly stopGraceMs?: number
  /** When to stop where `forMs` is null; by default when it is sure what fails and what does not. */
  readonly stopRule?: StopRule
}

/** What watching a program showed, besides what went to the digester and the ledger. */
export type Observation = {
  readonly process: ProcessRecord
  /** Requests with a failure, most failures first: for replay.jsonl. */
  readonly failing: readonly RecordedRequest[]
  /** What was sent: the plan, or what was found out where there was none. */
  readonly requests: readonly PlannedRequest[]
  readonly stoppedBecause: 'time' | 'sure' | 'interrupted' | 'process-ended'
  /** The same in words. */
  readonly stopReason: string
  readonly sent: number
  readonly from: EpochMs
  readonly until: EpochMs
  /** `host:port` of what the program was seen connected to. */
  readonly outbound: readonly string[]
  /** Files that the program was seen to hold open for writing. */
  readonly writes: readonly string[]
}

const RATE_PER_SECOND = 20
const READINESS_TIMEOUT_MS = 60_000
const REQUEST_TIMEOUT_MS = 10_000
const STOP_GRACE_MS = 3_000

/**
 * Starts a program, waits until it answers, sends requests, reads its output and logs, and ends it with all its
 * processes. Throws `PORT_IN_USE`, `COMMAND_NOT_FOUND`, `COMMAND_EXITED`, `NEVER_LISTENED`; nothing is left running
 * then either. A program that ends after it was ready is an observation.
 *
 *     start -> ready -> send … -> stop sending, wait for what is outstanding -> end the program -> read the rest
 *       └────────┴───────┴─ Ctrl-C: on to the end, with what was seen so far
 */
export async function watchProgram(deps: WatchDeps, plan: WatchPlan): Promise<Observation> {
  if (deps.signal.aborted) return nothingSeen(deps, plan)
  await expectNobodyAnswers(plan.requests)
  const guard = startGuard()
  const sources = new Set<string>()
  const write = (source: string, chunk: Uint8Array): void => {
    sources.add(source)
    deps.digester.write(source, chunk)
  }
  let follower: LogFollower | null = null
  let program: SupervisedProcess | null = null
  try {
    follower = await followLogs({ paths: plan.followLogs, onChunk: write })
    program = await startSupervised({ now: deps.now, guard, onOutput: write }, plan)
    deps.onProgress(`started ${program.record(null).command.join(' ')}`)
    const watched = await watchRunning(deps, plan, program)
    return { ...watched, until: deps.now(), outbound: program.outbound(), writes: program.writes() }
  } finally {
    const left = await endAll({ program, follower, guard }, plan.stopGraceMs ?? STOP_GRACE_MS)
    if (left.length > 0)
      deps.onProgress(`processes ${left.join(', ')} of the program may not be ended by us; end them by hand`)
    for (const source of sources) deps.digester.end(source)
  }
}

/** Ctrl-C came before the start. */
function nothingSeen(deps: WatchDeps, plan: WatchPlan): Observation {
  const at = deps.now()
  const never = { readyAt: null, exitedAt: null, exitCode: null, signal: null, memory: [] }
  return {
    process: { command: plan.command.map(redact), startedAt: at, ...never },
    failing: [],
    requests: plan.requests,
    stoppedBecause: STOPPED_BY_HAND.because,
    stopReason: STOPPED_BY_HAND.reason,
    sent: 0,
    from: at,
    until: at,
    outbound: [],
    writes: [],
  }
}

type Started = {
  readonly program: SupervisedProcess | null
  readonly follower: LogFollower | null
  readonly guard: ProcessGuard
}

async function endAll({ program, follower, guard }: Started, graceMs: number): Promise<readonly number[]> {
  const left = (await program?.stop(graceMs)) ?? []
  await follower?.stop()
  await guard.release()
  return left
}

type Watched = Omit<Observation, 'until' | 'outbound' | 'writes'>
type Ready = { readonly at: EpochMs | null; readonly requests: readonly PlannedRequest[] }

async function watchRunning(deps: WatchDeps, plan: WatchPlan, program: SupervisedProcess): Promise<Watched> {
  const from = deps.now()
  const ready = await untilReady(deps, plan, program)
  const failures = createFailingRequests()
  const sender =
    ready.at === null ? null : sendRequests(deps, { ...plan, requests: ready.requests }, failures)
  const stop = deps.signal.aborted
    ? STOPPED_BY_HAND
    : await untilStop(deps, {
        plan,
        program,
        sender,
        readyAt: ready.at ?? from,
        routes: routesOf(ready.requests),
      })
  // Answers that are due are part of what was seen; after Ctrl-C nobody wants to wait for them.
  await sender?.stop(stop.because === 'interrupted' ? 0 : (plan.requestTimeoutMs ?? REQUEST_TIMEOUT_MS))
  return {
    process: program.record(ready.at),
    failing: failures.list(),
    requests: ready.requests,
    stoppedBecause: stop.because,
    stopReason: stop.reason,
    sent: sender?.sent() ?? 0,
    from,
  }
}

function sendRequests(deps: WatchDeps, plan: WatchPlan, failures: FailingRequests): RequestSender {
  return startSending(deps, {
    requests: plan.requests,
    ratePerSecond: plan.ratePerSecond ?? RATE_PER_SECOND,
    timeoutMs: plan.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    signal: deps.signal,
    onOutcome(outcome, request) {
      deps.ledger.record(outcome, 'sent')
      failures.add(outcome, request)
    },
  })
}

/** Waits for the program's first answer. `at` is null where there is nothing to send, or after Ctrl-C. */
async function untilReady(deps: WatchDeps, plan: WatchPlan, program: SupervisedProcess): Promise<Ready> {
  const givenUp = new AbortController()
  const signal = AbortSignal.any([deps.signal, givenUp.signal])
  const ended = program.ended.then(() => givenUp.abort())
  const timeoutMs = plan.readinessTimeoutMs ?? READINESS_TIMEOUT_MS
  const requests = await requestsOf(plan, program, { ...deps, signal })
  if (requests.length === 0) {
    const { startedAt } = program.record(null)
    // Whatever is no server (a job, a worker) is watched all the same, unless there was nothing to watch.
    const early = program.hasEnded() && deps.now() - startedAt < EARLY_END_MS
    if (early && !deps.signal.aborted) throw endedTooEarly(program, deps.now())
    return { at: null, requests }
  }
  const readiness = await waitUntilReady(deps, { probes: probesOf(requests), timeoutMs, signal })
  if (readiness.kind === 'ready') {
    deps.onProgress(`it answers, ${seconds(readiness.at - program.record(null).startedAt)} after its start`)
    return { at: readiness.at, requests }
  }
  if (deps.signal.aborted) return { at: null, requests }
  if (program.hasEnded()) {
    await ended
    throw endedTooEarly(program, deps.now())
  }
  throw neverListened(program, timeoutMs, readiness.kind === 'not-ready' ? readiness.tried : '')
}

const EARLY_END_MS = 3_000

async function requestsOf(
  plan: WatchPlan,
  program: SupervisedProcess,
  deps: Pick<WatchDeps, 'signal' | 'onProgress'>,
): Promise<readonly PlannedRequest[]> {
  if (plan.requests.length > 0) return plan.requests
  const timeoutMs = Math.min(plan.readinessTimeoutMs ?? READINESS_TIMEOUT_MS, plan.forMs ?? Infinity)
  const found = await findAddress({ ports: () => program.listeningPorts(), timeoutMs, signal: deps.signal })
  if (found === null) return []
  deps.onProgress(`no --url was given; the program listens at ${found.url}, sending GET /`)
  return [found]
}

type Stop = { readonly because: Observation['stoppedBecause']; readonly reason: string }

const STOPPED_BY_HAND: Stop = { because: 'interrupted', reason: 'stopped by hand' }

type Running = {
  readonly plan: WatchPlan
  readonly program: SupervisedProcess
  readonly sender: RequestSender | null
  readonly readyAt: EpochMs
  /** What is sent: the only routes that matter for stopping. */
  readonly routes: ReadonlySet<string>
}

function routesOf(requests: readonly PlannedRequest[]): ReadonlySet<string> {
  return new Set(requests.map(({ method, url }) => routeOf(method, new URL(url).pathname)))
}

/** Looks four times a second whether it is time to stop. */
async function untilStop(deps: WatchDeps, running: Running): Promise<Stop> {
  let told = deps.now()
  for (;;) {
    const stop = stopNow(deps, running)
    if (stop !== null) {
      deps.onProgress(stop.reason)
      // Users go on asking a dead program: their refusals are part of the harm.
      if (stop.because === 'process-ended' && running.sender) await sleep(AFTER_DEATH_MS, deps.signal)
      return stop
    }
    if (deps.now() - told >= TELL_EVERY_MS) {
      told = deps.now()
      deps.onProgress(progressOf(deps, running))
    }
    await sleep(250, deps.signal)
  }
}

const TELL_EVERY_MS = 5_000
const AFTER_DEATH_MS = 2_000

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {})
}

function stopNow(deps: WatchDeps, { plan, program, sender, readyAt, routes: sent }: Running): Stop | null {
  if (deps.signal.aborted) return STOPPED_BY_HAND
  if (program.hasEnded()) {
    const { exitCode, signal } = program.record(readyAt)
    const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`
    return { because: 'process-ended', reason: `the program ended by itself, ${how}` }
  }
  const now = deps.now()
  if (plan.forMs !== null) {
    return now - readyAt >= plan.forMs
      ? { because: 'time', reason: `watched for ${seconds(plan.forMs)}` }
      : null
  }
  if (sender === null) return null
  const routes = deps.ledger.summary().routes.filter(({ route }) => sent.has(route))
  const reason = (plan.stopRule ?? untilSure)(routes, { now, readyAt })
  return reason === null ? null : { because: 'sure', reason }
}

function progressOf(deps: WatchDeps, { sender, readyAt }: Running): string {
  const { requests, failed, routes } = deps.ledger.summary()
  const since = `${Math.round((deps.now() - readyAt) / 1000)} s`
  if (sender === null) return `${since}: watching`
  const [worst] = routes
  const most =
    worst && worst.failed > 0 ? `, most at ${worst.route} (${worst.failed} of ${worst.requests})` : ''
  return `${since}: ${requests} requests, ${failed} failed${most}`
}
