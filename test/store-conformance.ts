import { describe, expect, test } from 'vitest'
import type { DetectionEvent } from '../src/detect/index.ts'
import type { LogRecord, MetricPoint, Resource, Span, TelemetryBatch } from '../src/telemetry/index.ts'
import type { Page, Paging, TelemetryStore } from '../src/store/index.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
const WINDOW = { from: NOON - 3_600_000, to: NOON + 3_600_000 }
const SCOPE = { name: 'tracer', version: '1.0', attributes: new Map<string, string>() }

function resource(service: string): Resource {
  const attributes = new Map([
    ['service.name', service],
    ['service.instance.id', `${service}-1`],
    ['service.version', '1.4.2'],
  ])
  return { serviceName: service, serviceInstance: `${service}-1`, serviceVersion: '1.4.2', attributes }
}
const SHOP = resource('shop')
const MAIL = resource('mail')

function log(at: number, body: string, more: Partial<LogRecord> = {}): LogRecord {
  return {
    resource: SHOP,
    scope: SCOPE,
    timestamp: at,
    observedTimestamp: at,
    severityNumber: 9,
    severityText: 'INFO',
    body,
    attributes: new Map([['line', body.slice(0, 20)]]),
    traceId: '',
    spanId: '',
    traceFlags: 0,
    eventName: '',
    ...more,
  }
}

function span(at: number, id: string, more: Partial<Span> = {}): Span {
  return {
    resource: SHOP,
    scope: { ...SCOPE, attributes: new Map() },
    traceId: 'ab'.repeat(16),
    spanId: id.padStart(16, '0'),
    parentSpanId: '',
    traceState: '',
    name: 'GET /products',
    kind: 'server',
    startedAt: at,
    durationNs: 5_000_000,
    status: 'unset',
    statusMessage: '',
    attributes: new Map([
      ['http.request.method', 'GET'],
      ['http.route', '/products'],
    ]),
    events: [],
    links: [],
    ...more,
  }
}

function gauge(at: number, value: number, core: string): MetricPoint {
  const metric = { resource: SHOP, scope: SCOPE, name: 'cpu', description: 'Processor', unit: '1' }
  return { kind: 'gauge', metric, attributes: new Map([['core', core]]), startedAt: at, at, flags: 0, value }
}

function event(kind: DetectionEvent['kind'], id: string, at: number): DetectionEvent {
  return {
    at,
    kind,
    detection: {
      id,
      rule: 'error-rate',
      subject: { service: 'shop', route: null, instance: null, resource: null },
      urgency: 'P2',
      startedAt: NOON,
      detectedAt: NOON + Number(id) * 1_000,
      endedAt: kind === 'ended' ? at : null,
      summary: `${kind} ${id}`,
      evidence: [{ name: 'error rate', value: 0.45, unit: '1' }],
      group: 'g',
      suppressedBy: null,
    },
  }
}

/** All pages of a question, joined. */
async function allPages<Item>(
  ask: (paging: Paging) => Promise<Page<Item>>,
  limit: number,
): Promise<readonly Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  for (let page = 0; page < 200; page++) {
    const { data, pagination }: Page<Item> = await ask({ limit, cursor })
    items.push(...data)
    cursor = pagination.next
    if (cursor === null) return items
  }
  throw new Error('the pages do not end')
}

/** What every store must do; `open` gives an empty one. */
export function storeConformance(name: string, open: () => Promise<TelemetryStore>): void {
  async function filled(batches: readonly TelemetryBatch[]): Promise<TelemetryStore> {
    const store = await open()
    expect(await store.append(batches)).toEqual({ kind: 'stored' })
    return store
  }

  // oxlint-disable-next-line vitest/valid-title -- the same tests for every store, under its name
  describe(name, () => {
    test('gives log records back as they were', async () => {
      const odd = new Map([
        ['__proto__', 'a key like any other'],
        ['empty', ''],
        ['ünï', 'quotes \' " \\ and\nlines\tand \u0000'],
      ])
      const records = [
        log(NOON, 'first'),
        log(NOON + 0.25, 'ä'.repeat(70), {
          attributes: odd,
          traceId: 'cd'.repeat(16),
          spanId: 'ef'.repeat(8),
          traceFlags: 1,
        }),
        log(NOON + 1, 'x'.repeat(20_000), { severityNumber: 17, severityText: 'ERROR', eventName: 'e' }),
        log(NOON + 2, '', {
          attributes: new Map(),
          resource: { ...MAIL, attributes: new Map(), serviceInstance: '', serviceVersion: '' },
        }),
      ]
      const store = await filled([{ kind: 'logs', items: records }])
      expect((await store.logs({ window: WINDOW })).data).toEqual(records.toReversed())
    })

    test('finds log records by service, severity, text and trace', async () => {
      const store = await filled([
        {
          kind: 'logs',
          items: [
            log(NOON, 'Card DECLINED', { severityNumber: 17, traceId: '12'.repeat(16) }),
            log(NOON + 1, 'fine'),
            log(NOON + 2, 'queued', { resource: MAIL, severityNumber: 13 }),
          ],
        },
      ])
      const bodies = async (query: object): Promise<string[]> =>
        (await allPages((paging) => store.logs({ window: WINDOW, ...query, ...paging }), 100)).map(
          ({ body }) => body,
        )
      expect(await bodies({ service: 'mail' })).toEqual(['queued'])
      expect(await bodies({ minSeverityNumber: 13 })).toEqual(['queued', 'Card DECLINED'])
      expect(await bodies({ text: 'declined' })).toEqual(['Card DECLINED'])
      expect(await bodies({ text: "' OR 1=1 --" })).toEqual([])
      expect(await bodies({ traceId: '12'.repeat(16) })).toEqual(['Card DECLINED'])
      expect(await bodies({ window: { from: NOON + 1, to: NOON + 2 } })).toEqual(['fine'])
    })

    test('pages through records of one time and of long ago, each once', async () => {
      const items = [
        ...Array.from({ length: 25 }, (_, index) => log(NOON, `same ${index}`)),
        ...Array.from({ length: 25 }, (_, index) => log(NOON - index * 77_777, `earlier ${index}`)),
      ]
      const store = await filled([{ kind: 'logs', items }])
      const found = await allPages(
        (paging) => store.logs({ window: { ...WINDOW, from: NOON - 9e6 }, ...paging }),
        7,
      )
      expect(found.map(({ body }) => body).sort()).toEqual(items.map(({ body }) => body).sort())
      const times = found.map(({ timestamp }) => timestamp)
      expect(times).toEqual(times.toSorted((one, other) => other - one))
    })

    test('gives spans back as they were, with events and links', async () => {
      const whole = span(NOON + 0.5, 'a', {
        kind: 'client',
        status: 'error',
        statusMessage: 'refused',
        events: [{ at: NOON + 0.75, name: 'exception', attributes: new Map([['exception.type', 'E']]) }],
        links: [
          {
            traceId: '34'.repeat(16),
            spanId: '56'.repeat(8),
            traceState: 'k=v',
            attributes: new Map([['a', 'b']]),
          },
        ],
      })
      const plain = span(NOON + 1, 'b', { durationNs: 123_456_789 })
      const store = await filled([{ kind: 'spans', items: [plain, whole] }])
      expect(await store.trace('AB'.repeat(16))).toEqual([whole, plain])
      expect((await store.spans({ window: WINDOW, onlyErrors: true })).data).toEqual([whole])
      expect((await store.spans({ window: WINDOW, minDurationMs: 100, kind: 'server' })).data).toEqual([
        plain,
      ])
      expect(await store.trace('00'.repeat(16))).toEqual([])
    })

    test('counts requests by route and minute, and never adds two views', async () => {
      const store = await filled([
        {
          kind: 'spans',
          items: Array.from({ length: 100 }, (_, index) =>
            span(NOON + index, `${index}`, {
              status: index < 3 ? 'error' : 'unset',
              attributes: new Map([
                ['http.request.method', 'GET'],
                ['http.route', '/products'],
                ['http.response.status_code', index === 99 ? '503' : '200'],
              ]),
            }),
          ),
        },
        {
          kind: 'requests',
          items: [
            {
              service: 'shop',
              outcomes: [
                {
                  at: NOON,
                  route: 'GET /products',
                  status: 502,
                  noAnswer: null,
                  durationMs: null,
                  client: null,
                },
              ],
            },
          ],
        },
      ])
      const [spans, lines] = await store.requests({ window: WINDOW })
      expect(spans).toMatchObject({ service: 'shop', route: 'GET /products', origin: 'span' })
      expect(spans?.points.map(({ at, requests, failed }) => [at, requests, failed])).toEqual([
        [NOON, 100, 4],
      ])
      expect(spans?.points[0]?.p95Ms).toBeCloseTo(5, 0)
      expect(lines).toMatchObject({ origin: 'log', points: [{ requests: 1, failed: 1, p50Ms: null }] })
      expect(await store.services(WINDOW)).toMatchObject([
        { service: 'shop', requests: 100, failed: 4, lastSeenAt: NOON },
      ])
    })

    test('tells how each detection stands, and what happened to it', async () => {
      const store = await open()
      const first = [event('detected', '1', NOON), event('detected', '2', NOON + 1)]
      await store.saveDetectionEvents(first)
      await store.saveDetectionEvents([event('updated', '1', NOON + 5), event('ended', '1', NOON + 5)])
      const all = await store.detections({})
      expect(all.data.map(({ summary }) => summary)).toEqual(['detected 2', 'ended 1'])
      expect((await store.detections({ activeOnly: true })).data.map(({ id }) => id)).toEqual(['2'])
      expect((await store.detection('1'))?.events.map(({ kind }) => kind)).toEqual([
        'detected',
        'updated',
        'ended',
      ])
      expect(await store.detection('none')).toBe(null)
      expect(
        (await store.detections({ window: { from: NOON + 1_500, to: NOON + 9_000 } })).data,
      ).toHaveLength(1)
    })

    test('tells how a detection stands by its newest event, whichever came last', async () => {
      const store = await open()
      await store.saveDetectionEvents([event('detected', '1', NOON), event('ended', '1', NOON + 10_000)])
      await store.saveDetectionEvents([event('updated', '1', NOON + 60_000)]) // wrong again, under its old id
      const active = async () => (await store.detections({ activeOnly: true })).data
      expect((await active()).map(({ summary }) => summary)).toEqual(['updated 1'])
      // What could not be saved at once is saved late, and changes nothing.
      await store.saveDetectionEvents([event('ended', '1', NOON + 20_000)])
      expect((await active()).map(({ summary }) => summary)).toEqual(['updated 1'])
      expect((await store.detection('1'))?.detection.summary).toBe('updated 1')
      await store.saveDetectionEvents([event('ended', '1', NOON + 60_000)])
      expect(await active()).toEqual([])
    })

    test('keeps changes, reports, probes, databases and alerts whole', async () => {
      const change = {
        at: NOON,
        kind: 'deploy',
        service: 'shop',
        from: null,
        to: 'v2',
        commit: 'abc',
        who: null,
        summary: 's',
        source: 'git',
        id: 'c1',
      } as const
      const report = { id: 'r1', at: NOON, text: "it's broken", service: null, url: null, source: 'cli' }
      const probe = {
        at: NOON,
        probe: 'home',
        kind: 'http',
        target: 'http://x/',
        service: 'shop',
        succeeded: false,
        durationMs: 12.5,
        reason: 'expected 200, found 500',
        expiresInSeconds: null,
      } as const
      const database = {
        at: NOON,
        engine: 'postgresql',
        target: 'postgresql://h/d',
        version: '18',
        connections: { used: 3, limit: 100 },
        sessions: [],
        refused: null,
      } as const
      const alert = {
        key: 'k',
        source: 'alertmanager',
        status: 'firing',
        name: 'High',
        service: 'shop',
        severity: 'critical',
        summary: '',
        startedAt: NOON,
        endedAt: null,
        labels: new Map([['__proto__', 'x']]),
        url: null,
      } as const
      const store = await filled([
        { kind: 'changes', items: [change, change] },
        { kind: 'reports', items: [report] },
        { kind: 'probes', items: [probe] },
        { kind: 'databases', items: [database] },
        { kind: 'alerts', items: [alert] },
      ])
      const query = { window: WINDOW }
      expect((await store.changes(query)).data).toEqual([change])
      expect((await store.reports(query)).data).toEqual([report])
      expect((await store.probes({ ...query, service: 'shop' })).data).toEqual([probe])
      expect((await store.databases(query)).data).toEqual([database])
      expect((await store.alerts(query)).data).toEqual([alert])
      expect((await store.changes({ ...query, service: 'mail' })).data).toEqual([])
    })

    test('replays what is stored in order of time', async () => {
      const logs = Array.from({ length: 40 }, (_, index) =>
        log(NOON + ((index * 7_919) % 60_000), `line ${index}`),
      )
      const spans = [span(NOON + 30_000, '1')]
      const store = await filled([
        { kind: 'logs', items: logs },
        { kind: 'spans', items: spans },
        { kind: 'metrics', items: [gauge(NOON + 10, 0.5, '0')] },
      ])
      const seconds: number[] = []
      const counts = { logs: 0, spans: 0, metrics: 0 }
      for await (const batch of store.replay({ window: WINDOW, kinds: ['logs', 'spans', 'metrics'] })) {
        if (batch.kind === 'logs')
          seconds.push(...batch.items.map(({ timestamp }) => Math.floor(timestamp / 1000)))
        if (batch.kind === 'logs' || batch.kind === 'spans' || batch.kind === 'metrics')
          counts[batch.kind] += batch.items.length
      }
      expect(counts).toEqual({ logs: 40, spans: 1, metrics: 1 })
      expect(seconds).toEqual(seconds.toSorted((one, other) => one - other))
    })

    test('tells senders to come later when it is closing', async () => {
      const store = await open()
      await store.close()
      expect(await store.append([{ kind: 'logs', items: [log(NOON, 'late')] }])).toMatchObject({
        kind: 'try-later',
      })
      expect(store.isReady()).toBe(false)
    })
  })
}
