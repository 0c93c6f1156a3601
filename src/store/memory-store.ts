import type { DetectionEvent, LiveDetection } from '../detect/index.ts'
import type { LogRecord, RequestOutcome, Span, TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { isWithin } from './memory-kept.ts'
import type { Kept } from './memory-kept.ts'
import { memoryMetricNames, memoryMetricSeries } from './memory-metrics.ts'
import { memoryRequests, memoryServices } from './memory-requests.ts'
import type {
  DetectionsQuery,
  LogsQuery,
  Page,
  Paging,
  ReplayQuery,
  SpansQuery,
  TelemetryStore,
  Window,
} from './telemetry-store.ts'

/** The store without an engine: the same answers, for tests. Nothing survives it. */
export function createMemoryStore(): TelemetryStore {
  const kept: Kept = {
    logs: [],
    spans: [],
    metrics: [],
    requests: [],
    changes: [],
    reports: [],
    probes: [],
    databases: [],
    alerts: [],
    detections: [],
  }
  let isClosed = false
  const closing = { kind: 'try-later', afterMs: 5_000, reason: 'the store is closing' } as const

  return {
    async append(batches) {
      if (isClosed) return closing
      for (const batch of batches) {
        const items: unknown[] = kept[batch.kind] // the kind says which items they are
        items.push(...batch.items)
      }
      return { kind: 'stored' }
    },
    async saveDetectionEvents(events) {
      if (isClosed) return closing
      kept.detections.push(...events)
      return { kind: 'stored' }
    },
    ...questions(kept),
    setRetention: async () => {},
    stats: async () => ({
      engine: { state: 'up', restarts: 0, residentBytes: null },
      queue: { bytes: 0, limitBytes: 0 },
      movedTimes: 0,
      tables: Object.entries(kept).map(([table, { length }]) => ({
        table,
        rows: length,
        bytes: 0,
        parts: 1,
      })),
      diskBytes: 0,
      freeBytes: null,
    }),
    isReady: () => !isClosed,
    close: async () => {
      isClosed = true
    },
  }
}

type Questions = Omit<
  TelemetryStore,
  'append' | 'saveDetectionEvents' | 'setRetention' | 'stats' | 'isReady' | 'close'
>

function questions(kept: Kept): Questions {
  return {
    services: async (window) => memoryServices(kept, window),
    requests: async (query) => memoryRequests(kept, query),
    metricNames: async (query) => memoryMetricNames(kept, query),
    metricSeries: async (query) => memoryMetricSeries(kept, query),
    logs: async (query) =>
      pageOf(
        kept.logs.filter((log) => isWanted(log, query)),
        { ...query, at: (log) => log.timestamp },
      ),
    spans: async (query) =>
      pageOf(
        kept.spans.filter((span) => isWantedSpan(span, query)),
        { ...query, at: (span) => span.startedAt },
      ),
    trace: async (traceId) =>
      kept.spans
        .filter((span) => span.traceId === traceId.toLowerCase())
        .sort((one, other) => one.startedAt - other.startedAt),
    detections: async (query) => memoryDetections(kept.detections, query),
    detection: async (id) => {
      const events = byNews(kept.detections.filter(({ detection }) => detection.id === id))
      const last = events.at(-1)
      return last === undefined ? null : { detection: last.detection, events }
    },
    changes: async (query) =>
      pageOf(ofService(newestById(kept.changes), query), { ...query, at: ({ at }) => at }),
    reports: async (query) =>
      pageOf(ofService(newestById(kept.reports), query), { ...query, at: ({ at }) => at }),
    probes: async (query) => pageOf(ofService(kept.probes, query), { ...query, at: ({ at }) => at }),
    alerts: async (query) =>
      pageOf(ofService(kept.alerts, query), { ...query, at: (alert) => alert.endedAt ?? alert.startedAt }),
    databases: async (query) => pageOf(kept.databases, { ...query, at: ({ at }) => at }),
    replay: (query) => memoryReplay(kept, query),
  }
}

function ofService<Item extends { service: string | null }>(
  items: readonly Item[],
  { service }: { service?: string | undefined },
): readonly Item[] {
  return service === undefined ? items : items.filter((item) => item.service === service)
}

function newestById<Item extends { id: string }>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [item.id, item])).values()]
}

function isWanted(log: LogRecord, { service, minSeverityNumber, text, traceId }: LogsQuery): boolean {
  if (service !== undefined && log.resource.serviceName !== service) return false
  if (minSeverityNumber !== undefined && log.severityNumber < minSeverityNumber) return false
  if (traceId !== undefined && log.traceId !== traceId.toLowerCase()) return false
  return text === undefined || log.body.toLowerCase().includes(text.toLowerCase())
}

function isWantedSpan(span: Span, { service, name, kind, minDurationMs, onlyErrors }: SpansQuery): boolean {
  if (service !== undefined && span.resource.serviceName !== service) return false
  if (name !== undefined && span.name !== name) return false
  if (kind !== undefined && span.kind !== kind) return false
  if (minDurationMs !== undefined && span.durationNs < minDurationMs * 1e6) return false
  return onlyErrors !== true || span.status === 'error'
}

type PageOptions<Item> = Paging & {
  readonly window?: Window | undefined
  readonly at: (item: Item) => EpochMs
}

/** Cursors are plain offsets: nothing is appended between the pages of a test. */
function pageOf<Item>(items: readonly Item[], { window, at, limit, cursor }: PageOptions<Item>): Page<Item> {
  const offset = Number(cursor ?? 0)
  const end = offset + Math.min(limit ?? 100, 1_000)
  const found = items
    .filter((item) => window === undefined || isWithin(at(item), window))
    .sort((one, other) => at(other) - at(one))
  return {
    data: found.slice(offset, end),
    pagination: { next: found.length > end ? String(end) : null },
  }
}

const TELLS_MORE: readonly DetectionEvent['kind'][] = ['detected', 'updated', 'ended']

/** The newest last, whichever was saved last; of one moment, the one that tells more of how it stands. */
function byNews(events: readonly DetectionEvent[]): readonly DetectionEvent[] {
  return events.toSorted(
    (one, other) => one.at - other.at || TELLS_MORE.indexOf(one.kind) - TELLS_MORE.indexOf(other.kind),
  )
}

function memoryDetections(events: readonly DetectionEvent[], query: DetectionsQuery): Page<LiveDetection> {
  const newest = [...new Map(byNews(events).map((event) => [event.detection.id, event])).values()]
  const wanted = newest
    .filter(({ kind }) => query.activeOnly !== true || kind !== 'ended')
    .map(({ detection }) => detection)
    .filter(({ subject }) => query.service === undefined || subject.service === query.service)
  return pageOf(wanted, { ...query, at: ({ detectedAt }) => detectedAt })
}

async function* memoryReplay(
  kept: Kept,
  { window, kinds, signal }: ReplayQuery,
): AsyncGenerator<TelemetryBatch> {
  const all = kinds.flatMap((kind) => singles(kept, kind)).filter(({ at }) => isWithin(at, window))
  for (const { batch } of all.sort((one, other) => one.at - other.at)) {
    if (signal?.aborted === true) return
    yield batch
  }
}

/** Each item as a batch of its own, with its time. */
function singles(kept: Kept, kind: TelemetryBatch['kind']): { at: EpochMs; batch: TelemetryBatch }[] {
  if (kind === 'requests') {
    const outcomes = kept.requests.flatMap(({ service, outcomes: all }) =>
      all.map((outcome: RequestOutcome) => ({ at: outcome.at, items: [{ service, outcomes: [outcome] }] })),
    )
    return outcomes.map(({ at, items }) => ({ at, batch: { kind, items } }))
  }
  return kept[kind].map((item) => ({
    at: timeOf(item),
    batch: { kind, items: [item] } as unknown as TelemetryBatch,
  }))
}

type Timed = { at?: EpochMs; timestamp?: EpochMs; startedAt?: EpochMs; endedAt?: EpochMs | null }

/** Points have a start too, and alerts an end: what comes first here is when it was told. */
function timeOf(item: Timed): EpochMs {
  return item.at ?? item.timestamp ?? item.endedAt ?? item.startedAt ?? 0
}
