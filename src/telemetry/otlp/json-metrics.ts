import type { MetricPoint } from '../metric-point.ts'
import { countItem } from './decode-run.ts'
import { attributesOf, nameOf } from './json-value.ts'
import {
  booleanOf,
  double,
  doubleOf,
  inEach,
  inObject,
  integer,
  integerOf,
  listOf,
  millisecondsOf,
} from './json-walk.ts'
import type { JsonObject, Walk } from './json-walk.ts'
import {
  exponentialOf,
  gaugeOf,
  histogramOf,
  pointDraft,
  summaryOf,
  sumOf,
  temporalityOf,
} from './metric-draft.ts'
import type { Buckets, FinishPoint, PointDraft } from './metric-draft.ts'
import type { Origin } from './origin.ts'

type Kind = {
  readonly read: (walk: Walk, item: JsonObject, draft: PointDraft) => void
  readonly finish: FinishPoint
}

const KINDS: Readonly<Record<string, Kind>> = {
  gauge: { read: readNumber, finish: gaugeOf },
  sum: { read: readNumber, finish: sumOf },
  histogram: { read: readHistogram, finish: histogramOf },
  exponentialHistogram: { read: readExponential, finish: exponentialOf },
  summary: { read: readSummary, finish: summaryOf },
}

/** Adds the points of a metric of OTLP/JSON. */
export function readJsonMetric(
  walk: Walk,
  { item, origin }: { item: JsonObject; origin: Origin },
  into: MetricPoint[],
): void {
  const metric = {
    resource: origin.resource,
    scope: origin.scope,
    name: nameOf(walk, item, 'name'),
    description: nameOf(walk, item, 'description'),
    unit: nameOf(walk, item, 'unit'),
  }
  for (const [key, { read, finish }] of Object.entries(KINDS)) {
    const visit = (data: JsonObject): void => {
      const temporality = temporalityOf(integerOf(walk, data, 'aggregationTemporality'))
      const shape = { metric, temporality, isMonotonic: booleanOf(walk, data, 'isMonotonic') }
      inEach(walk, data, {
        key: 'dataPoints',
        visit(sent) {
          countItem(walk.run)
          const draft = commonDraft(walk, sent)
          read(walk, sent, draft)
          const point = finish(walk.run, shape, draft)
          if (point !== null) into.push(point)
        },
      })
    }
    inObject(walk, item, { key, visit })
  }
}

function commonDraft(walk: Walk, sent: JsonObject): PointDraft {
  return {
    ...pointDraft(),
    attributes: attributesOf(walk, sent),
    start: millisecondsOf(walk, sent, 'startTimeUnixNano'),
    time: millisecondsOf(walk, sent, 'timeUnixNano'),
    flags: integerOf(walk, sent, 'flags'),
  }
}

function readNumber(walk: Walk, sent: JsonObject, draft: PointDraft): void {
  const value = doubleOf(walk, sent, 'asDouble')
  if (value !== null) draft.value = value
  else if (sent['asInt'] !== undefined && sent['asInt'] !== null) draft.value = integerOf(walk, sent, 'asInt')
}

function readTotals(walk: Walk, sent: JsonObject, draft: PointDraft): void {
  draft.count = integerOf(walk, sent, 'count')
  draft.sum = doubleOf(walk, sent, 'sum') ?? 0
  draft.min = doubleOf(walk, sent, 'min')
  draft.max = doubleOf(walk, sent, 'max')
}

function readHistogram(walk: Walk, sent: JsonObject, draft: PointDraft): void {
  readTotals(walk, sent, draft)
  draft.counts = numbersOf(walk, sent, { key: 'bucketCounts', draft, read: integer })
  draft.bounds = numbersOf(walk, sent, { key: 'explicitBounds', draft, read: double })
}

function readExponential(walk: Walk, sent: JsonObject, draft: PointDraft): void {
  readTotals(walk, sent, draft)
  draft.scale = integerOf(walk, sent, 'scale')
  draft.zeroCount = integerOf(walk, sent, 'zeroCount')
  draft.positive = bucketsOf(walk, sent, { key: 'positive', draft })
  draft.negative = bucketsOf(walk, sent, { key: 'negative', draft })
}

function readSummary(walk: Walk, sent: JsonObject, draft: PointDraft): void {
  readTotals(walk, sent, draft)
  const quantiles: { quantile: number; value: number }[] = []
  inEach(walk, sent, {
    key: 'quantileValues',
    visit(item) {
      const quantile = doubleOf(walk, item, 'quantile') ?? 0
      const value = doubleOf(walk, item, 'value') ?? 0
      if (quantiles.length < walk.run.limits.maxEvents) quantiles.push({ quantile, value })
      else walk.run.droppedAttributes += 1
    },
  })
  draft.quantiles = quantiles
}

type Numbers = {
  readonly key: string
  readonly draft: PointDraft
  readonly read: (walk: Walk, key: string, value: unknown) => number
}

function numbersOf(walk: Walk, parent: JsonObject, { key, draft, read }: Numbers): number[] {
  const list = listOf(walk, parent, key)
  const { maxBuckets } = walk.run.limits
  if (list.length > maxBuckets) draft.isOverLimit = true
  return list.slice(0, maxBuckets).map((value) => read(walk, key, value))
}

function bucketsOf(walk: Walk, parent: JsonObject, options: { key: string; draft: PointDraft }): Buckets {
  let buckets: Buckets = { offset: 0, counts: [] }
  inObject(walk, parent, {
    key: options.key,
    visit(sent) {
      const counts = numbersOf(walk, sent, { key: 'bucketCounts', draft: options.draft, read: integer })
      buckets = { offset: integerOf(walk, sent, 'offset'), counts }
    },
  })
  return buckets
}
