import type { DetectionEvent, LiveDetection } from '../detect/index.ts'
import type {
  Change,
  DatabaseProbe,
  LogRecord,
  MetricPoint,
  ProbeResult,
  ReceivedAlert,
  SignalKind,
  Span,
  SpanKind,
  Taken,
  TelemetryBatch,
  Temporality,
  UserReport,
} from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { EngineState } from './engine.ts'
import type { Retention } from './schema.ts'

/** From, and until before. */
export type Window = { readonly from: EpochMs; readonly to: EpochMs }

export type Paging = {
  /** 100 where it is not said; 1000 at most. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly cursor?: string | null | undefined
}

/**
 * One page, newest first. A page may hold fewer than `limit` and still have a `next`: a search that finds little stops
 * after a moment, and goes on from there.
 */
export type Page<Item> = {
  readonly data: readonly Item[]
  readonly pagination: { readonly next: string | null }
}

type InWindow = { readonly window: Window; readonly service?: string | undefined }

export type LogsQuery = InWindow &
  Paging & {
    readonly minSeverityNumber?: number | undefined
    /** Part of the body; upper and lower case of ASCII letters are the same. */
    readonly text?: string | undefined
    readonly traceId?: string | undefined
  }

export type SpansQuery = InWindow &
  Paging & {
    readonly name?: string | undefined
    readonly kind?: SpanKind | undefined
    readonly minDurationMs?: number | undefined
    readonly onlyErrors?: boolean | undefined
  }

export type SeriesQuery = {
  readonly window: Window
  readonly service: string
  readonly metric: string
  /** Series with all of these. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
  /** Series that agree in these attributes are added, over all instances; all of them where there are none. */
  readonly by?: readonly string[] | undefined
  /** In whole minutes, beyond six hours in whole ten minutes; for about 144 points where it is not said. */
  readonly stepMs?: number | undefined
}

export type RequestsQuery = InWindow & {
  readonly route?: string | undefined
  readonly stepMs?: number | undefined
}

export type DetectionsQuery = {
  /** By `detectedAt`; all of them without it. */
  readonly window?: Window | undefined
  readonly service?: string | undefined
  readonly activeOnly?: boolean | undefined
} & Paging

export type SeldomQuery = InWindow & Paging

export type ServiceSummary = {
  readonly service: string
  /** As its own spans tell; as access logs tell where it sends no spans. */
  readonly requests: number
  readonly failed: number
  readonly logs: number
  /** Lines of severity ERROR and above. */
  readonly errorLogs: number
  readonly metricPoints: number
  /** To the minute. */
  readonly lastSeenAt: EpochMs
}

export type MetricSummary = {
  readonly service: string
  readonly metric: string
  readonly kind: MetricPoint['kind']
  readonly unit: string
  /** Of histograms and summaries those of the last hour in which it reported, and of the hour before that. */
  readonly series: number
}

/** What a gauge or sum said within a step; null is a figure that is not finite. */
export type ValuePoint = {
  readonly at: EpochMs
  readonly count: number
  readonly sum: number | null
  readonly min: number | null
  readonly max: number | null
  readonly last: number | null
}

/** What a counter counted within a step: null where nobody knows what it said before, or where it may also fall. */
type Increase = { readonly increase: number | null; readonly ratePerSecond: number | null }

type SeriesOf<Point> = {
  readonly attributes: Readonly<Record<string, string>>
  readonly instance: string
  readonly points: readonly Point[]
}

export type ValueSeries =
  | (SeriesOf<ValuePoint> & { readonly kind: 'gauge' })
  | (SeriesOf<ValuePoint & Increase> & {
      readonly kind: 'sum'
      /** Null where it was stored before that was kept, as is `isMonotonic`. */
      readonly temporality: Temporality | null
      readonly isMonotonic: boolean | null
    })

/** What was counted within each step, whatever the temporality that it was sent in. */
export type DistributionSeries = SeriesOf<{
  readonly at: EpochMs
  readonly count: number
  readonly sum: number | null
  readonly average: number | null
  /** Null where the sender does not tell them for this time: only deltas do. */
  readonly min: number | null
  readonly max: number | null
  /** Interpolated within buckets; of a summary what its sender worked out. */
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}> & {
  readonly kind: 'histogram' | 'exponential-histogram' | 'summary'
  readonly temporality: Temporality
}

export type MetricSeries = ValueSeries | DistributionSeries

export type RouteRequests = {
  readonly service: string
  readonly route: string
  /** Whose view it is; two views of one request are never added. */
  readonly origin: 'span' | 'log'
  readonly points: readonly {
    readonly at: EpochMs
    readonly requests: number
    readonly failed: number
    /** Null where no durations are known. */
    readonly p50Ms: number | null
    readonly p95Ms: number | null
    readonly p99Ms: number | null
  }[]
}

export type DetectionHistory = {
  readonly detection: LiveDetection
  readonly events: readonly DetectionEvent[]
}

export type ReplayQuery = {
  readonly window: Window
  readonly kinds: readonly SignalKind[]
  readonly signal?: AbortSignal | undefined
}

export type StoreStats = {
  readonly engine: {
    readonly state: EngineState
    readonly restarts: number
    readonly residentBytes: number | null
  }
  readonly queue: { readonly bytes: number; readonly limitBytes: number }
  /** What had to be moved to a time at which it can be kept. */
  readonly movedTimes: number
  readonly tables: readonly {
    readonly table: string
    readonly rows: number
    readonly bytes: number
    readonly parts: number
  }[]
  readonly diskBytes: number
  /** Of the volume; null where it is not known. */
  readonly freeBytes: number | null
}

/**
 * Telemetry and detections, kept. Questions throw `STORE_UNREACHABLE` and `STORE_QUERY_FAILED`; appends never throw:
 * what could not be kept says `try-later`, and then its sender still has it.
 */
export type TelemetryStore = {
  /** Settles when it is safe: a crash of either process leaves it. What was refused may be there in part. */
  append(batches: readonly TelemetryBatch[]): Promise<Taken>
  saveDetectionEvents(events: readonly DetectionEvent[]): Promise<Taken>

  services(window: Window): Promise<readonly ServiceSummary[]>
  logs(query: LogsQuery): Promise<Page<LogRecord>>
  spans(query: SpansQuery): Promise<Page<Span>>
  /** All spans of one trace, by start; 10 000 at most. */
  trace(traceId: string): Promise<readonly Span[]>
  metricNames(query: InWindow): Promise<readonly MetricSummary[]>
  /** By the minute; 100 series of a kind at most, those with the most points. */
  metricSeries(query: SeriesQuery): Promise<readonly MetricSeries[]>
  requests(query: RequestsQuery): Promise<readonly RouteRequests[]>
  /** As each stands: its newest event. */
  detections(query: DetectionsQuery): Promise<Page<LiveDetection>>
  detection(id: string): Promise<DetectionHistory | null>
  changes(query: SeldomQuery): Promise<Page<Change>>
  reports(query: SeldomQuery): Promise<Page<UserReport>>
  probes(query: SeldomQuery): Promise<Page<ProbeResult>>
  alerts(query: SeldomQuery): Promise<Page<ReceivedAlert>>
  databases(query: SeldomQuery): Promise<Page<DatabaseProbe>>
  /** What is stored again, in order of time, a second at a time; histograms and summaries are not. */
  replay(query: ReplayQuery): AsyncIterable<TelemetryBatch>

  setRetention(retention: Retention): Promise<void>
  stats(): Promise<StoreStats>
  /** Whether an append has a chance now. */
  isReady(): boolean
  /** Keeps what was taken, and lets the directory go. */
  close(): Promise<void>
}
