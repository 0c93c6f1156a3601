import { rulesSchema } from '../src/contract/rules.ts'
import type { Maintenance, Silence } from '../src/contract/rules.ts'
import { createLiveDetection } from '../src/detect/index.ts'
import type { DetectionEvent, LiveDetector, ServicePolicy } from '../src/detect/index.ts'
import type {
  Attributes,
  LogRecord,
  MetricPoint,
  Resource,
  Span,
  TelemetryBatch,
} from '../src/telemetry/index.ts'
import type { MakeSeriesDetector } from '../src/detect/index.ts'
import { seededChance } from './drawn-traffic.ts'

/** Builders of telemetry, and a clock of its own: what happens at which second, and what is told of it. */
export const START = Date.UTC(2026, 2, 3, 9)

const NONE: Attributes = new Map()

export function resourceOf(serviceName: string, attributes: Record<string, string> = {}): Resource {
  const own = new Map(Object.entries(attributes))
  return {
    serviceName,
    serviceInstance: own.get('service.instance.id') ?? '',
    serviceVersion: '',
    attributes: own,
  }
}

const scope = { name: 'test', version: '', attributes: NONE }

export function spanOf(
  over: Partial<Span> & { readonly resource: Resource; readonly startedAt: number },
): Span {
  return {
    scope,
    traceId: '0123456789abcdef0123456789abc000',
    spanId: '0123456789abcdef',
    parentSpanId: '',
    traceState: '',
    name: 'GET /',
    kind: 'server',
    durationNs: 5e6,
    status: 'unset',
    statusMessage: '',
    attributes: NONE,
    events: [],
    links: [],
    ...over,
  }
}

export function gaugeOf(
  resource: Resource,
  point: { readonly name: string; readonly at: number; readonly value: number; readonly unit?: string } & {
    readonly attributes?: Record<string, string>
  },
): MetricPoint {
  const { name, at, value, unit = '1', attributes = {} } = point
  const metric = { resource, scope, name, description: '', unit }
  return {
    kind: 'gauge',
    metric,
    at,
    startedAt: at,
    flags: 0,
    value,
    attributes: new Map(Object.entries(attributes)),
  }
}

export function logOf(
  resource: Resource,
  record: { readonly at: number; readonly body: string; readonly severityNumber?: number } & {
    readonly attributes?: Record<string, string>
  },
): LogRecord {
  const { at, body, severityNumber = 17, attributes = {} } = record
  return {
    resource,
    scope,
    timestamp: at,
    observedTimestamp: at,
    severityNumber,
    severityText: '',
    body,
    attributes: new Map(Object.entries(attributes)),
    traceId: '',
    spanId: '',
    traceFlags: 0,
    eventName: '',
  }
}

export type Traffic = {
  readonly service?: string
  readonly perSecond: number
  /** Share of requests that fail. */
  readonly failing?: number
  readonly durationMs?: number
  readonly route?: string
}

/** Requests of a balancer's access log over a tenth of a second, spread evenly, failures drawn. */
export function requestsOf(traffic: Traffic, from: number, chance: () => number): TelemetryBatch {
  const { service = 'shop', perSecond, failing = 0, durationMs = 5, route = 'GET /products' } = traffic
  const whole = Math.floor(perSecond / 10 + chance())
  const outcomes = Array.from({ length: whole }, (_, index) => ({
    at: from + (index * 100) / whole,
    route,
    status: chance() < failing ? 500 : 200,
    noAnswer: null,
    durationMs,
    client: null,
  }))
  return { kind: 'requests', items: [{ service, outcomes }] }
}

export type StoryOptions = {
  readonly rules?: object
  readonly services?: Readonly<Record<string, ServicePolicy>>
  readonly silences?: readonly Silence[]
  readonly maintenance?: readonly Maintenance[]
  /** Milliseconds until what happened is taken in. */
  readonly lateness?: number
  readonly seed?: number
  /** Anomalies; by default none, for stories about other signs. */
  readonly makeDetector?: MakeSeriesDetector
}

const NOTHING = { score: 0, isNoteworthy: false, isPageWorthy: false, anomaly: null } as const
const quietDetector: MakeSeriesDetector = () => ({
  observe: () => NOTHING,
  pass: () => {},
  tick: () => NOTHING,
})

export type Story = {
  readonly detector: LiveDetector
  /** Lets seconds go by in tenths, with what happens in each. */
  readonly pass: (seconds: number, happens?: (at: number) => readonly TelemetryBatch[]) => void
  readonly traffic: (seconds: number, ...traffics: readonly Traffic[]) => void
  /** Events so far, by seconds since the start. */
  readonly events: () => readonly (DetectionEvent & { readonly second: number })[]
  /** Those that page: P1 to P3, told to somebody. */
  readonly pages: () => readonly (DetectionEvent & { readonly second: number })[]
  readonly second: () => number
}

export function tellStory({
  rules = {},
  services = {},
  lateness = 0,
  seed = 1,
  makeDetector = quietDetector,
  ...quiet
}: StoryOptions = {}): Story {
  const settings = {
    rules: rulesSchema.parse(rules),
    services: new Map(Object.entries(services)),
    silences: quiet.silences ?? [],
    maintenance: quiet.maintenance ?? [],
  }
  const detector = createLiveDetection({ ...settings, now: START, makeDetector })
  const chance = seededChance(seed)
  const told: (DetectionEvent & { readonly second: number })[] = []
  let now = START
  let waiting: { readonly at: number; readonly batches: readonly TelemetryBatch[] }[] = []
  let step = 0

  function pass(seconds: number, happens: (at: number) => readonly TelemetryBatch[] = () => []): void {
    for (let count = 0; count < Math.round(seconds * 10); count += 1) {
      waiting.push({ at: now + 100 + lateness, batches: happens(now) })
      now += 100
      step += 1
      const due = waiting.filter(({ at }) => at <= now)
      waiting = waiting.filter(({ at }) => at > now)
      for (const { batches } of due) detector.observe(batches, now)
      // Three ticks a second, out of step with the cells.
      if (step % 3 !== 0) continue
      for (const event of detector.tick(now)) told.push({ ...event, second: (event.at - START) / 1000 })
    }
  }

  return {
    detector,
    pass,
    traffic: (seconds, ...traffics) =>
      pass(seconds, (at) => traffics.map((traffic) => requestsOf(traffic, at, chance))),
    events: () => told,
    pages: () =>
      told.filter(
        ({ kind, detection }) =>
          kind !== 'ended' && detection.urgency !== 'P4' && detection.suppressedBy === null,
      ),
    second: () => (now - START) / 1000,
  }
}
