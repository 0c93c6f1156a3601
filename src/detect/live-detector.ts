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
import { createRequestBoard } from './request-board.ts'
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
 *   batches ─► observe ─► board (requests), series, graph ─► judges, one per rule ─► signs ─► detection log ─► events
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
  const makeDetector = options.makeDetector ?? createSeriesDetector
  let settings: DetectionSettings = withSpelledRoutes(options)
  let now = options.now
  const graph = createServiceGraph()
  const series = createSeriesTable()
  const board = createRequestBoard((service, route) => slowMsOf(settings.rules, service, route))
  const taker = createRequestTaker(board)
  const log = createDetectionLog(graph, silencingBy(settings.silences, settings.maintenance))
  const watched: Watched = {
    board,
    series,
    graph,
    policyOf: (service) => settings.services.get(service) ?? NO_POLICY,
    isUserFacing,
    viewOf: (service) => serviceView(board, service, now),
  }
  let judges = makeJudges(watched, settings.rules, { before: [], makeDetector })
  let sweptAt = options.now
  let graphAt = options.now
  board.setNow(now)

  /** Told, or with an access log of its own, or called by nobody that we know. */
  function isUserFacing(service: string): boolean {
    const told = settings.services.get(service)?.userFacing
    if (told !== undefined) return told
    if (board.judged(service)?.origin === 'access-log') return true
    if (graph.callers(service).length > 0) return false
    const share = graph.rootShare(service)
    // Called by something that does not report: users, unless others are nearer to them.
    return share === null || share >= 0.5 || graph.edges().length === 0
  }

  function chores(): void {
    if (now - graphAt >= GRAPH_MS) {
      graphAt = now
      graph.tick(now)
    }
    if (now - sweptAt < SWEEP_MS) return
    sweptAt = now
    board.sweep()
    series.sweep(now)
  }

  return {
    observe(batches, at) {
      now = Math.max(now, at)
      board.setNow(now)
      for (const batch of batches) {
        takeBatch(batch, { graph, taker, observePoint: series.observe })
        for (const { judge } of judges) judge.observe?.(batch, now)
      }
    },
    tick(at) {
      now = Math.max(now, at)
      board.setNow(now)
      chores()
      return log.take(signsOf(judges, now, options.onFailure), now)
    },
    active: log.active,
    configure(next) {
      settings = withSpelledRoutes(next)
      board.setSlow((service, route) => slowMsOf(settings.rules, service, route))
      log.setSilencing(silencingBy(settings.silences, settings.maintenance))
      judges = makeJudges(watched, settings.rules, { before: judges, makeDetector })
    },
    snapshot: () => ({
      schema: 1,
      at: now,
      log: log.snapshot(),
      edges: graph.edges(),
      judges: Object.fromEntries(judges.map(({ name, judge }) => [name, judge.snapshot?.() ?? null])),
    }),
    restore(kept) {
      const parsed = snapshotSchema.safeParse(kept)
      if (!parsed.success) return { ok: false, reason: z.prettifyError(parsed.error) }
      const { log: keptLog, judges: keptJudges, edges } = parsed.data
      for (const [caller, callee] of edges) graph.addEdge(caller, callee)
      try {
        for (const { name, judge } of judges) judge.restore?.(keptJudges[name])
      } catch (error) {
        return { ok: false, reason: `what a rule had kept is not as it wrote it: ${String(error)}` }
      }
      // The schema has looked at what decides; the rest of a detection is passed on as it was written.
      log.restore(keptLog as unknown as DetectionLogSnapshot, now)
      return { ok: true }
    },
    services: () =>
      [...board.services()].flatMap((service) => {
        const view = serviceView(board, service, now)
        if (view === null) return []
        const around = { callers: graph.callers(service), callees: graph.callees(service) }
        return [{ ...view, ...around, isUserFacing: isUserFacing(service) }]
      }),
    figures: () => ({ ...board.figures(), ...series.figures(), active: log.active().length }),
  }
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
