import { describe, expect, test } from 'vitest'
import type { MetricPoint, Resource } from '../src/telemetry/index.ts'
import type { TelemetryStore } from '../src/store/index.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
const MINUTE = 60_000
const WINDOW = { from: NOON, to: NOON + 60 * MINUTE }
const LONG_AGO = NOON - 86_400_000
const SHOP: Resource = {
  serviceName: 'shop',
  serviceInstance: 'shop-1',
  serviceVersion: '',
  attributes: new Map([['service.instance.id', 'shop-1']]),
}

/** What all points have in common; `minute` counts from noon. */
function common(minute: number, more: { startedAt?: number; name?: string; core?: string } = {}) {
  const at = NOON + minute * MINUTE
  return {
    metric: {
      resource: SHOP,
      scope: { name: '', version: '', attributes: new Map<string, string>() },
      name: more.name ?? 'd',
      description: '',
      unit: 's',
    },
    attributes: new Map(more.core === undefined ? [] : [['core', more.core]]),
    startedAt: more.startedAt ?? at,
    at,
    flags: 0,
  }
}

function gauge(minute: number, value: number, core: string): MetricPoint {
  return { ...common(minute, { core, name: 'cpu' }), kind: 'gauge', value }
}

type Counting = {
  readonly startedAt?: number
  readonly temporality?: 'cumulative' | 'delta'
  readonly isMonotonic?: boolean
}

function sum(minute: number, value: number, how: Counting = {}): MetricPoint {
  const { temporality = 'cumulative', isMonotonic = true } = how
  return { ...common(minute, how), kind: 'sum', value, temporality, isMonotonic }
}

/** Bounds 0.1 and 0.5 seconds. */
function histogram(minute: number, counts: readonly number[], how: Counting = {}): MetricPoint {
  const count = counts.reduce((one, other) => one + other, 0)
  const { temporality = 'cumulative' } = how
  const extremes = temporality === 'delta' ? { min: minute, max: minute + 1 } : { min: null, max: null }
  const rest = { kind: 'histogram', temporality, bounds: [0.1, 0.5], counts } as const
  return { ...common(minute, how), ...extremes, ...rest, count, sum: count / 4 }
}

type Exponential = Counting & { readonly scale?: number; readonly offset?: number; readonly below?: number[] }

function exponential(minute: number, counts: readonly number[], how: Exponential = {}): MetricPoint {
  const { temporality = 'cumulative', scale = 0, offset = 0, below = [] } = how
  const count = [...counts, ...below].reduce((one, other) => one + other, 0)
  return {
    ...common(minute, how),
    kind: 'exponential-histogram',
    temporality,
    count,
    sum: count * 2,
    min: null,
    max: null,
    scale,
    zeroCount: 0,
    positive: { offset, counts },
    negative: { offset: 0, counts: below },
  }
}

function summary(minute: number, count: number, median: number): MetricPoint {
  const quantiles = [{ quantile: 0.5, value: median }]
  return { ...common(minute, { startedAt: LONG_AGO }), kind: 'summary', count, sum: count * 2, quantiles }
}

/** What every store must tell of metrics. `open` may give the same store each time: each test has a service of its own. */
export function metricConformance(name: string, open: () => Promise<TelemetryStore>): void {
  let services = 0

  async function filled(points: readonly MetricPoint[]) {
    const store = await open()
    services += 1
    const service = `shop-${services}`
    const items = points.map((point) => ({
      ...point,
      metric: { ...point.metric, resource: { ...SHOP, serviceName: service } },
    }))
    expect(await store.append([{ kind: 'metrics', items }])).toEqual({ kind: 'stored' })
    return { store, service }
  }

  /** The points of the only series of a metric, those keys of them. */
  async function pointsOf(items: readonly MetricPoint[], keys: readonly string[], stepMs = MINUTE) {
    const { store, service } = await filled(items)
    const found = await store.metricSeries({ window: WINDOW, service, metric: 'd', stepMs })
    expect(found).toHaveLength(1)
    const points: readonly object[] = found[0]?.points ?? []
    return points.map((point) => {
      const figures = new Map(Object.entries(point))
      return [(Number(figures.get('at')) - NOON) / MINUTE, ...keys.map((key) => figures.get(key) as unknown)]
    })
  }

  // oxlint-disable-next-line vitest/valid-title -- the same tests for every store, under its name
  describe(`metrics of ${name}`, () => {
    test('gives the series of a gauge by the minute', async () => {
      const { store, service } = await filled([
        gauge(0, 1, '0'),
        gauge(1 / 6, 3, '0'),
        gauge(0, 7, '1'),
        gauge(1, Infinity, '0'),
      ])
      const query = { window: WINDOW, service, metric: 'cpu', attributes: { core: '0' } }
      const series = await store.metricSeries(query)
      const endless = { at: NOON + MINUTE, count: 1, sum: null, min: null, max: null, last: null }
      expect(series).toEqual([
        {
          attributes: { core: '0' },
          instance: 'shop-1',
          kind: 'gauge',
          points: [{ at: NOON, count: 2, sum: 4, min: 1, max: 3, last: 3 }, endless],
        },
      ])
      expect(await store.metricSeries({ ...query, attributes: {} })).toHaveLength(2)
      expect(await store.metricSeries({ ...query, service: 'mail' })).toEqual([])
    })

    test('names every kind of metric, with its unit and how many series it has', async () => {
      const { store, service } = await filled([
        gauge(0, 1, '0'),
        gauge(0, 1, '1'),
        sum(0, 9),
        histogram(0, [1, 0, 0]),
        histogram(10, [1, 0, 0]),
        exponential(0, [1]),
        summary(0, 3, 1),
      ])
      const named = { service, metric: 'd', unit: 's', series: 1 }
      expect(await store.metricNames({ window: WINDOW, service })).toEqual([
        { ...named, metric: 'cpu', kind: 'gauge', series: 2 },
        { ...named, kind: 'exponential-histogram' },
        { ...named, kind: 'histogram' },
        { ...named, kind: 'sum' },
        { ...named, kind: 'summary' },
      ])
      expect(await store.metricNames({ window: WINDOW, service: 'mail' })).toEqual([])
      expect(await store.metricNames({ window: { from: LONG_AGO, to: NOON }, service })).toEqual([])
      const metric = { window: WINDOW, service, metric: 'd' }
      expect((await store.metricSeries(metric)).map(({ kind }) => kind).sort()).toEqual([
        'exponential-histogram',
        'histogram',
        'sum',
        'summary',
      ])
    })

    test('knows a service by its histograms alone', async () => {
      const { store, service } = await filled([histogram(0.5, [1, 0, 0]), summary(2.5, 3, 1)])
      const found = await store.services(WINDOW)
      expect(found.filter((one) => one.service === service)).toMatchObject([
        { metricPoints: 2, lastSeenAt: NOON + 2 * MINUTE },
      ])
    })

    const cumulative = { startedAt: LONG_AGO }
    test.each<[string, readonly MetricPoint[], readonly (readonly unknown[])[]]>([
      [
        'a counter by its differences, measured from before the window',
        [sum(-0.5, 100, cumulative), sum(0.5, 130, cumulative), sum(1.5, 130, cumulative)],
        [
          [0, 30, 0.5],
          [1, 0, 0],
        ],
      ],
      [
        'a counter that was never seen before only from its second point on',
        [sum(0.5, 1_000, cumulative), sum(1.5, 1_006, cumulative)],
        [
          [0, null, null],
          [1, 6, 0.1],
        ],
      ],
      [
        'a process that began within the window whole',
        [sum(0.5, 3, { startedAt: NOON + 1 }), sum(1.5, 9, { startedAt: NOON + 1 })],
        [
          [0, 3, 0.05],
          [1, 6, 0.1],
        ],
      ],
      [
        'a process that began anew, though it is above the one before',
        [
          sum(-0.5, 10, cumulative),
          sum(0.25, 16, cumulative),
          sum(0.75, 30, { startedAt: NOON + 20_000 }),
          sum(1.5, 36, { startedAt: NOON + 20_000 }),
        ],
        [
          [0, 36, 0.6],
          [1, 6, 0.1],
        ],
      ],
      [
        'two processes of one name, each on its own',
        [
          ...[-0.5, 0.5, 1.5].map((minute) => sum(minute, 600 + minute * 60, cumulative)),
          ...[-0.4, 0.6, 1.6].map((minute) => sum(minute, 6, { startedAt: LONG_AGO + 1 })),
        ],
        [
          [0, 60, 1],
          [1, 60, 1],
        ],
      ],
      [
        'a count that falls as one that began anew, where its start is not known',
        [sum(-0.5, 100), sum(0.25, 112), sum(0.75, 3), sum(1.5, 6), sum(2.25, 1), sum(2.75, 9)],
        [
          [0, 15, 0.25],
          [1, 3, 0.05],
          [2, 9, 0.15],
        ],
      ],
      [
        'a first point that is the start of all others as their zero',
        [sum(0.5, 1_000), sum(1.5, 1_006, { startedAt: NOON + MINUTE / 2 })],
        [
          [0, null, null],
          [1, 6, 0.1],
        ],
      ],
      [
        'deltas by adding them',
        [sum(0.2, 3, { temporality: 'delta' }), sum(0.8, 3, { temporality: 'delta' })],
        [[0, 6, 0.1]],
      ],
      [
        'nothing of what may also fall',
        [sum(-0.5, 3, { isMonotonic: false }), sum(0.5, 5, { isMonotonic: false })],
        [[0, null, null]],
      ],
    ])('tells the increase of %s', async (_name, points, increases) => {
      expect(await pointsOf(points, ['increase', 'ratePerSecond'])).toEqual(increases)
    })

    test('says of a sum how it counts', async () => {
      const { store, service } = await filled([sum(0, 1, { temporality: 'delta', isMonotonic: false })])
      expect(await store.metricSeries({ window: WINDOW, service, metric: 'd' })).toMatchObject([
        { kind: 'sum', temporality: 'delta', isMonotonic: false },
      ])
    })

    const figures = ['count', 'average', 'p50', 'p99']
    test.each<[string, readonly MetricPoint[], readonly (readonly unknown[])[]]>([
      [
        'what a cumulative histogram counted within each step',
        [
          histogram(-0.5, [5, 5, 5], cumulative),
          histogram(0.2, [6, 6, 5], cumulative),
          histogram(0.5, [15, 5 + 30, 5], cumulative),
          histogram(1.5, [15, 35, 5], cumulative),
        ],
        [
          [0, 40, 0.25, 0.1 + (0.4 * 10) / 30, 0.1 + (0.4 * 29.6) / 30],
          [1, 0, null, null, null],
        ],
      ],
      [
        'deltas together, and what is beyond the last bound as that bound',
        [
          histogram(0.2, [1, 0, 2], { temporality: 'delta' }),
          histogram(0.8, [1, 0, 0], { temporality: 'delta' }),
        ],
        [[0, 4, 0.25, 0.1, 0.5]],
      ],
      [
        'processes of one name, one of which began anew',
        [
          histogram(-0.5, [90, 0, 0], cumulative),
          histogram(0.4, [100, 0, 0], cumulative),
          histogram(0.5, [10, 0, 0], { startedAt: NOON + 5 }),
        ],
        [[0, 20, 0.25, 0.05, 0.1 * 0.99]],
      ],
      [
        'a histogram that fell, where its start is not known',
        [histogram(-0.5, [90, 0, 0]), histogram(0.4, [100, 0, 0]), histogram(0.5, [10, 0, 0])],
        [[0, 20, 0.25, 0.05, 0.1 * 0.99]],
      ],
      [
        'an exponential histogram by the powers of its base',
        [exponential(-0.5, [1, 1], cumulative), exponential(0.5, [1, 11], cumulative)],
        [[0, 10, 2, 2 ** 1.5, 2 ** 1.99]],
      ],
      [
        'an exponential histogram that became coarser',
        [
          exponential(-0.5, [1, 1, 1, 1], { ...cumulative, scale: 1, offset: 2 }),
          exponential(0.5, [2, 12], { ...cumulative, scale: 0, offset: 1 }),
        ],
        [[0, 10, 2, 2 ** 2.5, 2 ** 2.99]],
      ],
      [
        'exponential deltas of two scales, with values below zero',
        [
          exponential(0.2, [0, 4], { temporality: 'delta', offset: -1, below: [0, 8] }),
          exponential(0.4, [0, 0, 4], { temporality: 'delta', scale: 1, offset: -2 }),
        ],
        [[0, 16, 2, -2, 2 ** (1 - 0.16 / 8)]],
      ],
      [
        'nothing of sums that are none, and the buckets all the same',
        [{ ...histogram(0.2, [2, 0, 0], { temporality: 'delta' }), sum: Infinity } as MetricPoint],
        [[0, 2, null, 0.05, 0.1 * 0.99]],
      ],
      [
        'of a summary what it worked out itself',
        [summary(-0.5, 10, 0.3), summary(0.5, 30, 0.4)],
        [[0, 20, 2, 0.4, null]],
      ],
    ])('tells %s', async (_name, points, expected) => {
      const found = await pointsOf(points, figures)
      const rounded = (rows: readonly (readonly unknown[])[]) =>
        rows.map((row) => row.map((one) => (typeof one === 'number' ? Number(one.toFixed(9)) : one)))
      expect(rounded(found)).toEqual(rounded(expected))
    })

    test('adds series that agree in the attributes that are asked for', async () => {
      const of = (point: MetricPoint, route: string, instance: string): MetricPoint => ({
        ...point,
        attributes: new Map([
          ['route', route],
          ['instance', instance],
        ]),
      })
      const counters = [-0.5, 0.5].flatMap((minute) => [
        of(sum(minute, 60 * minute + 600, cumulative), '/', '1'),
        of(sum(minute, 120 * minute + 600, cumulative), '/', '2'),
        of(sum(minute, 600, cumulative), '/cart', '1'),
      ])
      const histograms = [
        of(histogram(-0.5, [10, 0, 0], cumulative), '/', '1'),
        of(histogram(0.5, [20, 0, 0], cumulative), '/', '1'),
        of(histogram(0.5, [0, 10, 0], { temporality: 'delta' }), '/', '2'),
      ]
      // Whose start is not known begins at nothing of another series.
      const unknown = [
        of(sum(0.25, 5), '/', '3'),
        of(sum(0.75, 2, { startedAt: NOON + MINUTE / 4 }), '/', '4'),
      ]
      // What counts in another way is another sum.
      const other = of(sum(0.5, 7, { temporality: 'delta' }), '/cart', '5')
      const { store, service } = await filled([...counters, ...histograms, ...unknown, other])
      const query = { window: WINDOW, service, metric: 'd', stepMs: MINUTE }
      const byRoute = await store.metricSeries({ ...query, by: ['route'] })
      const sums = byRoute.filter((one) => one.kind === 'sum' && one.temporality === 'cumulative')
      const told = new Map(sums.map((one) => [one.attributes['route'], one]))
      expect(told.size).toBe(2)
      expect(told.get('/')).toMatchObject({ instance: '', points: [{ count: 4, increase: 182, last: null }] })
      expect(told.get('/cart')).toMatchObject({ points: [{ count: 1, increase: 0, last: 600 }] })
      const all = await store.metricSeries({ ...query, by: [] })
      expect(all.map(({ attributes }) => attributes)).toEqual([{}, {}, {}])
      expect(all.find(({ kind }) => kind === 'histogram')?.points).toMatchObject([
        { count: 20, average: 0.25, p50: 0.1 },
      ])
    })

    test('gives the extremes of deltas, for whole steps of the width that was asked for', async () => {
      const items = [1, 2, 11].map((minute) => histogram(minute, [1, 0, 0], { temporality: 'delta' }))
      expect(await pointsOf(items, ['count', 'min', 'max'], 10 * MINUTE)).toEqual([
        [0, 2, 1, 3],
        [10, 1, 11, 12],
      ])
    })
  })
}
