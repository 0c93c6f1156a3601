import { z } from 'zod'
import type { Maintenance, Rules, Silence } from '../contract/rules.ts'
import { routeOf } from '../telemetry/index.ts'
import type { TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { createSeriesDetector } from './detectors/create-series-detector.ts'
import { createDetectionLog } from './detection-log.ts'
import type { DetectionLogSnapshot } from './detection-log.ts'
import { globMatcher } from './glob.ts'
import type { MakeSeriesDetector } from './judges/anomaly-judge.ts'
import type { LiveSign, ServicePolicy, Watched } from './judges/judge.ts'
import type { DetectionEvent, LiveDetection } from './live-detection.ts'
import { makeJudges } from './make-judges.ts'
import type { NamedJudge } from './make-judges.ts'
import { createProcessTable } from './process-table.ts'
import { createRequestBoard } from './request-board.ts'
import type { RequestBoard } from './request-board.ts'
import { createSeriesTable } from './series-table.ts'
import { createServiceGraph } from './service-graph.ts'
import type { ServiceGraph } from './service-graph.ts'
import { serviceView } from './service-view.ts'
import type { ServiceView } from './service-view.ts'
import { silencingBy } from './silencing.ts'
import { createRequestTaker } from './take-requests.ts'
import type { RequestTaker } from './take-requests.ts'

export type DetectionSettings = {
  readonly rules: Rules
  /** By name of the service; who is not in it has no critical routes and no objective. */
  readonly services: ReadonlyMap<string, ServicePolicy>
  readonly silences: readonly Silence[]
  readonly maintenance: readonly Maintenance[]
}

export type ServiceState = ServiceView & {
  readonly isUserFacing: boolean
  readonly callers: readonly string[]
  readonly callees: readonly string[]
}

/** What must outlive a restart. JSON. */
export type DetectionSnapshot = {
  readonly schema: 1
  readonly at: EpochMs
  readonly log: DetectionLogSnapshot
  readonly judges: Readonly<Record<string, unknown>>
  readonly edges: readonly (readonly [string, string])[]
}

/**
 * Detection as telemetry streams by. Nothing in it knows a clock: time is what `observe` and `tick` are told.
 *
 *   batches ─► observe ─► board (requests), series, processes, graph ─► judges, one per rule ─► signs ─► detection log ─► events
 */
export type LiveDetector = {
  /** Takes in what came; cheap, and never throws for what a sender could have sent. */
  readonly observe: (batches: readonly TelemetryBatch[], now: EpochMs) => void
  /** What begins, changes and ends now. To be called every 250 to 500 ms. A judge that fails is told of by `onFailure`. */
  readonly tick: (now: EpochMs) => readonly DetectionEvent[]
  readonly active: () => readonly LiveDetection[]
  /** Other rules, services or silences from now on; what was learned is kept. */
  readonly configure: (settings: DetectionSettings) => void
  readonly snapshot: () => DetectionSnapshot
  /** Right after creating. What it cannot read it refuses whole. */
  readonly restore: (kept: unknown) => { readonly ok: true } | { readonly ok: false; readonly reason: string }
  readonly services: () => readonly ServiceState[]
  readonly figures: () => Readonly<Record<string, number>>
}

export type LiveDetectorOptions = DetectionSettings & {
  readonly now: EpochMs
  /** For tests; by default the detector of anomalies that stands in detectors/. */
  readonly makeDetector?: MakeSeriesDetector
  /** A rule could not be judged; the others go on. */
  readonly onFailure?: (rule: string, error: unknown) => void
}

const SWEEP_MS = 60_000
const GRAPH_MS = 1000
const NO_POLICY: ServicePolicy = { critical: [], objective: null }
const DEFAULT_SLOW_MS = 1000

export function createLiveDetection(options: LiveDetectorOptions): LiveDetector {
  const { onFailure } = options
  const makeDetector = options.makeDetector ?? createSeriesDetector
  const held: Held = { settings: withSpelledRoutes(options), now: options.now }
  const { watched, taker, log, chores } = createParts(held)
  const { board, series, processes, graph } = watched
  let judges = makeJudges(watched, held.settings.rules, { before: [], makeDetector })

  function moveTo(at: EpochMs): void {
    held.now = Math.max(held.now, at)
    board.setNow(held.now)
  }

  return {
    observe(batches, at) {
      moveTo(at)
      for (const batch of batches) {
        processes.observe(batch, held.now)
        takeBatch(batch, { graph, taker, observePoint: series.observe })
        for (const { name, judge } of judges)
          tryObserve(() => judge.observe?.(batch, held.now), { name, onFailure })
      }
    },
    tick(at) {
      moveTo(at)
      chores()
      return log.take(signsOf(judges, held.now, onFailure), held.now)
    },
    active: log.active,
    configure(next) {
      held.settings = withSpelledRoutes(next)
      const { rules, silences, maintenance } = held.settings
      board.setSlow((service, route) => slowMsOf(rules, service, route))
      log.setSilencing(silencingBy(silences, maintenance))
      judges = makeJudges(watched, rules, { before: judges, makeDetector })
    },
    snapshot: () => ({
      schema: 1,
      at: held.now,
      log: log.snapshot(),
      edges: graph.edges(),
      judges: Object.fromEntries(judges.map(({ name, judge }) => [name, judge.snapshot?.() ?? null])),
    }),
    restore(kept) {
      const parsed = snapshotSchema.safeParse(kept)
      if (!parsed.success) return { ok: false, reason: z.prettifyError(parsed.error) }
      for (const [caller, callee] of parsed.data.edges) graph.addEdge(caller, callee)
      const reason = restoreJudges(judges, parsed.data.judges)
      if (reason !== null) return { ok: false, reason }
      // The schema has looked at what decides; the rest of a detection is passed on as it was written.
      log.restore(parsed.data.log as unknown as DetectionLogSnapshot, held.now)
      return { ok: true }
    },
    services: () => serviceStates(watched, held.now),
    figures: () => ({
      ...board.figures(),
      ...series.figures(),
      ...Object.assign({}, ...judges.map(({ judge }) => judge.figures?.() ?? {})),
      active: log.active().length,
    }),
  }
}

/** What is configured and what time it is: the one place where both stand. */
type Held = { settings: DetectionSettings; now: EpochMs }

function createParts(held: Held) {
  const graph = createServiceGraph()
  const series = createSeriesTable()
  const processes = createProcessTable()
  const board = createRequestBoard((service, route) => slowMsOf(held.settings.rules, service, route))
  const { silences, maintenance } = held.settings
  board.setNow(held.now)
  const watched: Watched = {
    board,
    series,
    processes,
    graph,
    policyOf: (service) => held.settings.services.get(service) ?? NO_POLICY,
    isUserFacing: (service) =>
      held.settings.services.get(service)?.userFacing ?? looksUserFacing(service, board, graph),
    viewOf: (service) => serviceView(board, service, held.now),
  }
  let sweptAt = held.now
  let graphAt = held.now
  /** What need not be done each time. */
  function chores(): void {
    const { now } = held
    if (now - graphAt >= GRAPH_MS) {
      graphAt = now
      graph.tick(now)
    }
    if (now - sweptAt < SWEEP_MS) return
    sweptAt = now
    board.sweep()
    series.sweep(now)
    processes.sweep(now)
  }
  const log = createDetectionLog(graph, silencingBy(silences, maintenance))
  return { watched, taker: createRequestTaker(board), log, chores }
}

/** One rule that stumbles over what a sender sent must not keep it from the others, nor from the store. */
function tryObserve(
  observe: () => void,
  { name, onFailure }: { readonly name: string; readonly onFailure: LiveDetectorOptions['onFailure'] },
): void {
  try {
    observe()
  } catch (error) {
    onFailure?.(name, error)
  }
}

function serviceStates({ board, graph, isUserFacing }: Watched, now: EpochMs): ServiceState[] {
  return [...board.services()].flatMap((service) => {
    const view = serviceView(board, service, now)
    if (view === null) return []
    const around = { callers: graph.callers(service), callees: graph.callees(service) }
    return [{ ...view, ...around, isUserFacing: isUserFacing(service) }]
  })
}

/** Why one of them could not read what it had written; null where all could. */
function restoreJudges(
  judges: readonly NamedJudge[],
  kept: Readonly<Record<string, unknown>>,
): string | null {
  try {
    for (const { name, judge } of judges) judge.restore?.(kept[name])
    return null
  } catch (error) {
    return `what a rule had kept is not as it wrote it: ${String(error)}`
  }
}

/** With an access log of its own, or called by nobody that we know. */
function looksUserFacing(service: string, board: RequestBoard, graph: ServiceGraph): boolean {
  if (board.judged(service)?.origin === 'access-log') return true
  if (graph.callers(service).length > 0) return false
  const share = graph.rootShare(service)
  // Called by something that does not report: users, unless others are nearer to them.
  return share === null || share >= 0.5 || graph.edges().length === 0
}

type Takers = {
  readonly graph: ServiceGraph
  readonly taker: RequestTaker
  readonly observePoint: ReturnType<typeof createSeriesTable>['observe']
}

function takeBatch(batch: TelemetryBatch, { graph, taker, observePoint }: Takers): void {
  if (batch.kind === 'spans') {
    for (const span of batch.items) {
      graph.observe(span)
      taker.span(span)
    }
  } else if (batch.kind === 'metrics') {
    for (const point of batch.items) {
      observePoint(point)
      taker.metric(point)
    }
  } else if (batch.kind === 'requests') for (const requests of batch.items) taker.logged(requests)
  else if (batch.kind === 'probes') for (const result of batch.items) taker.probe(result)
}

/** The failure of one rule never takes down the others. */
function signsOf(
  judges: readonly NamedJudge[],
  now: EpochMs,
  onFailure: LiveDetectorOptions['onFailure'],
): LiveSign[] {
  return judges.flatMap(({ name, judge }) => {
    try {
      return judge.judge(now)
    } catch (error) {
      onFailure?.(name, error)
      return []
    }
  })
}

/** Where several rules say what is slow here, the last one counts: one's own stand after those by default. */
function slowMsOf(rules: Rules, service: string, route: string | null): number {
  const own = Object.values(rules).findLast(
    (rule) =>
      rule.kind === 'latency' &&
      rule.enabled &&
      globMatcher(rule.service)(service) &&
      (route === null ? rule.route === '*' : globMatcher(rule.route)(route)),
  )
  return own?.kind === 'latency' ? own.above : DEFAULT_SLOW_MS
}

/** `POST /carts/:id` is how people write it; `POST /carts/{id}` is how it is counted. */
function withSpelledRoutes(settings: DetectionSettings): DetectionSettings {
  const services = new Map(
    [...settings.services].map(([service, policy]) => {
      const critical = policy.critical.map((route) => {
        const [method = 'GET', path] = route.split(' ')
        return path === undefined ? route : routeOf(method, path)
      })
      return [service, { ...policy, critical }] as const
    }),
  )
  return { ...settings, services }
}

const detectionSchema = z.looseObject({
  id: z.string(),
  rule: z.string(),
  subject: z.looseObject({}),
  urgency: z.enum(['P1', 'P2', 'P3', 'P4']),
  startedAt: z.number(),
  detectedAt: z.number(),
  summary: z.string(),
  group: z.string(),
})
const snapshotSchema = z.looseObject({
  schema: z.literal(1),
  at: z.number(),
  log: z.object({
    open: z.array(z.object({ detection: detectionSchema, lastAt: z.number() })),
    starts: z.array(z.tuple([z.string(), z.array(z.number())])),
  }),
  judges: z.record(z.string(), z.unknown()),
  edges: z.array(z.tuple([z.string(), z.string()])),
})
