import type { AnomalyRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import type { Anomaly, SeriesDetector, SeriesDetectorOptions } from '../detectors/series-detector.ts'
import { globMatcher } from '../glob.ts'
import type { Urgency } from '../live-detection.ts'
import { cellOf, CELL_MS, countBetween } from '../request-series.ts'
import type { ProcessTable } from '../process-table.ts'
import type { MetricSeries } from '../series-table.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { NOBODY } from './judge.ts'

export type MakeSeriesDetector = (options: SeriesDetectorOptions) => SeriesDetector

type Entry = {
  readonly detector: SeriesDetector
  readonly sign: Pick<LiveSign, 'rule' | 'subject'>
  readonly unit: string
  /** What is told of; from the value that was worth it until it is over. */
  anomaly: Anomaly | null
  lastAt: EpochMs
}
type Named = {
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly service: string | null
  readonly instance: string | null
  readonly limit?: number
}

/** About 3 kB each. The first come are judged; the series of requests are never turned away. */
const MAX_DETECTORS = 4000
const REQUESTS_EVERY_MS = 5000
const TICK_EVERY_MS = 5000
/** Requests of so long ago are all known: exports come every second or five. */
const SETTLED_CELLS = 6000 / CELL_MS
const STEP_CELLS = REQUESTS_EVERY_MS / CELL_MS
/** Too few requests to speak of a share. */
const LEAST_REQUESTS = 20
const FORGOTTEN_MS = 3_600_000
/** Caches fill and code is compiled; senders that report once a minute tell of it a minute later. */
const SETTLING_MS = 90_000

/**
 * Any series that does what its own past does not explain: gauges, rates of counters, and for each service the rate of
 * its requests and the share that fails. For who looks (P4) as the rule is by default: what users feel has other rules.
 */
export function createAnomalyJudge(
  watched: Watched,
  {
    name,
    rule,
    makeDetector,
  }: { readonly name: string; readonly rule: AnomalyRule; readonly makeDetector: MakeSeriesDetector },
): Judge {
  const isService = globMatcher(rule.service)
  const isMetric = globMatcher(rule.metric)
  const entries = new Map<string, Entry>()
  let requestsAt = 0
  let tickedAt = 0

  function entryOf({ key, label, unit, service, instance, limit }: Named): Entry | null {
    const known = entries.get(key)
    if (known || entries.size >= MAX_DETECTORS) return known ?? null
    const detector = makeDetector({ name: label, ...(limit === undefined ? {} : { limit }) })
    const subject = { ...NOBODY, service, instance, resource: label }
    const made = { detector, sign: { rule: name, subject }, unit, anomaly: null, lastAt: 0 }
    entries.set(key, made)
    return made
  }

  function feedMetrics(now: EpochMs): void {
    for (const series of watched.series.all()) {
      if (!series.isFresh) continue
      series.isFresh = false
      if (!isMetric(series.metric) || !isService(series.service)) continue
      const entry = entryOf(named(series))
      if (isSettling(watched.processes, series, now)) passOver(entry, series.at)
      else feed(entry, series.at, series.value)
    }
  }

  function feedRequests(now: EpochMs): void {
    for (const { named, metric, at, value } of requestFigures(watched, now))
      if (isMetric(metric) && isService(named.service ?? '')) feed(entryOf(named), at, value)
  }

  return {
    judge(now) {
      feedMetrics(now)
      if (now - requestsAt >= REQUESTS_EVERY_MS) {
        requestsAt = now
        feedRequests(now)
      }
      if (now - tickedAt >= TICK_EVERY_MS) {
        tickedAt = now
        tickAll(entries, now)
      }
      return [...entries.values()].flatMap((entry) => signOf(entry, rule.urgency))
    },
  }
}

function feed(entry: Entry | null, at: EpochMs, value: number): void {
  if (entry === null) return
  const { isNoteworthy, anomaly } = entry.detector.observe(at, value)
  entry.lastAt = at
  if (anomaly === null) entry.anomaly = null
  else if (isNoteworthy || entry.anomaly !== null) entry.anomaly = anomaly
}

/** What goes on stays told; that a process is starting explains what it does, and is nothing to get used to. */
function passOver(entry: Entry | null, at: EpochMs): void {
  if (entry === null) return
  entry.detector.pass(at)
  entry.lastAt = at
}

function isSettling(processes: ProcessTable, { service, instance }: MetricSeries, now: EpochMs): boolean {
  const startedAt = processes.startedAnew(service, instance)
  return startedAt !== null && now - startedAt < SETTLING_MS
}

/** Silence is noticed by time alone. Who has been silent for an hour is forgotten. */
function tickAll(entries: Map<string, Entry>, now: EpochMs): void {
  for (const [key, entry] of entries) {
    if (entry.lastAt < now - FORGOTTEN_MS) entries.delete(key)
    else if (entry.detector.tick(now).anomaly === null) entry.anomaly = null
  }
}

function signOf({ anomaly, sign, unit, lastAt }: Entry, urgency: Urgency): LiveSign[] {
  if (anomaly === null) return []
  const { since, summary, observed, expected } = anomaly
  const evidence = [
    { name: 'observed', value: observed, unit },
    { name: 'expected', value: expected, unit },
  ]
  return [{ ...sign, urgency, since, lastAt, summary, evidence }]
}

/** For each service the rate of its requests, and the share of them that failed. */
function* requestFigures({ board }: Watched, now: EpochMs): Generator<RequestFigure> {
  const to = cellOf(now) - SETTLED_CELLS
  const at = (to + 1) * CELL_MS
  for (const service of board.services()) {
    const view = board.judged(service)
    if (view === null || view.total.head < 0) continue
    const { requests, failed } = countBetween(view.total, to - STEP_CELLS + 1, to)
    const figures = [
      ['requests', '{request}/s', (requests * 1000) / REQUESTS_EVERY_MS],
      ['failed share', '1', requests >= LEAST_REQUESTS ? failed / requests : Number.NaN],
    ] as const
    for (const [metric, unit, value] of figures) {
      if (Number.isNaN(value)) continue
      const label = `${metric} of ${service}`
      const key = `requests\u0000${service}\u0000${metric}`
      yield { named: { key, label, unit, service, instance: null }, metric, at, value }
    }
  }
}

type RequestFigure = {
  readonly named: Named
  readonly metric: string
  readonly at: EpochMs
  readonly value: number
}

/** `system.cpu.utilization`, `nodejs.eventloop.utilization`. */
const OF_TIME = /\b(?:cpu|eventloop)\b/

function named({ key, metric, unit, service, instance, attributes }: MetricSeries): Named {
  const told = [...attributes].map(([name, value]) => `${name}=${value}`).join(', ')
  const label = `${metric}${told === '' ? '' : `{${told}}`}${instance === '' ? '' : ` of ${instance}`}`
  // A share that something is used to cannot go over one. Time of a processor is not used up: it is there again at once.
  const isUsedUp = unit === '1' && metric.endsWith('utilization') && !OF_TIME.test(metric)
  const limit = isUsedUp ? { limit: 1 } : {}
  return {
    key,
    label,
    unit,
    ...limit,
    service: service.startsWith('unknown_service') ? null : service,
    instance: instance === '' ? null : instance,
  }
}
