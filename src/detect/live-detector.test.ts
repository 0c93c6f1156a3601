import { describe, expect, test } from 'vitest'
import { resourceOf, spanOf, START, tellStory, gaugeOf, logOf } from '../../test/telemetry-story.ts'
import type { Story } from '../../test/telemetry-story.ts'
import type { TelemetryBatch } from '../telemetry/index.ts'

const shop = { perSecond: 167, failing: 0.001 }

const last = (story: Story, rule: string) =>
  story.events().findLast(({ detection }) => detection.rule === rule)

describe('requests fail', () => {
  test('at 60 s 45 % fail, at 63 s want a page, mended at 120 s, want it ended by 150 s', () => {
    const story = tellStory({ lateness: 500 })
    story.traffic(60, shop)
    expect(story.events()).toEqual([])
    story.traffic(60, { ...shop, failing: 0.45 })
    const page = story.pages()[0]
    expect(page?.second).toBeLessThan(63)
    expect(page?.detection).toMatchObject({
      rule: 'error-rate',
      urgency: 'P1',
      subject: { service: 'shop', route: null },
      endedAt: null,
      suppressedBy: null,
    })
    expect(page?.detection.startedAt).toBeGreaterThan(START + 59_900)
    expect(page?.detection.startedAt).toBeLessThan(START + 60_300)
    expect(page?.detection.summary).toMatch(
      /% of requests to shop failed \(\d+ of \d+ in \d s; usual 0\.\d+ %, limit 1 %\)/,
    )
    story.traffic(40, shop)
    const end = last(story, 'error-rate')
    expect(end).toMatchObject({ kind: 'ended', detection: { id: page?.detection.id } })
    expect(end?.second).toBeLessThan(150)
    expect(end?.detection.endedAt).toBeGreaterThan(START + 119_000)
    expect(end?.detection.endedAt).toBeLessThan(START + 122_000)
    expect(story.detector.active()).toEqual([])
  })

  test('at 60 s 2 % fail, want a P3 within 30 s; at 45 % it becomes P1', () => {
    const story = tellStory({ lateness: 500 })
    story.traffic(60, shop)
    story.traffic(60, { ...shop, failing: 0.02 })
    const [page] = story.pages()
    expect(page?.second).toBeLessThan(90)
    expect(page?.detection).toMatchObject({ urgency: 'P3' })
    story.traffic(30, { ...shop, failing: 0.45 })
    expect(story.pages().at(-1)).toMatchObject({
      kind: 'updated',
      detection: { id: page?.detection.id, urgency: 'P1' },
    })
  })

  test('a route that few ask for is P4, unless it is critical', () => {
    const broken = { perSecond: 1.5, failing: 1, route: 'POST /checkout' }
    const ordinary = tellStory()
    ordinary.traffic(60, { ...shop, failing: 0 }, broken)
    expect(ordinary.pages()).toEqual([])
    expect(ordinary.events()[0]?.detection).toMatchObject({
      urgency: 'P4',
      subject: { route: 'POST /checkout' },
    })
    const critical = tellStory({ services: { shop: { critical: ['POST /checkout'], objective: null } } })
    critical.traffic(60, { ...shop, failing: 0 }, broken)
    expect(critical.pages()[0]?.detection).toMatchObject({
      urgency: 'P1',
      subject: { route: 'POST /checkout' },
    })
  })

  test('the route on which most of it is gets no detection of its own, neither before the service nor after it', () => {
    const story = tellStory()
    const ways = (failing: number) => [
      { perSecond: 150, failing: 0, route: 'GET /products' },
      { perSecond: 20, failing, route: 'POST /checkout' },
    ]
    story.traffic(30, ...ways(0))
    story.traffic(30, ...ways(0.9))
    story.traffic(60, ...ways(0))
    const begun = story.events().filter(({ kind }) => kind === 'detected')
    expect(begun.length).toBeLessThanOrEqual(2)
    expect(begun.filter(({ second }) => second > 35)).toEqual([])
    expect(story.detector.active()).toEqual([])
  })

  test('health checks that fail are not users', () => {
    const story = tellStory()
    story.traffic(60, shop, { perSecond: 20, failing: 1, route: 'GET /healthz' })
    expect(story.pages()).toEqual([])
  })

  test('with spans alone: the service that users call pages, the one behind it is for who looks', () => {
    const story = tellStory()
    const [web, stock] = [resourceOf('web'), resourceOf('stock')]
    let count = 0
    const spans =
      (failing: boolean) =>
      (at: number): readonly TelemetryBatch[] => {
        const items = Array.from({ length: 10 }, () => {
          count += 1
          const fails = failing && count % 2 === 0
          const status = new Map([['http.response.status_code', fails ? '500' : '200']])
          const id = count.toString(16).padStart(16, '0')
          const traceId = `${id}${id}`
          return [
            spanOf({
              resource: stock,
              startedAt: at,
              traceId,
              spanId: `b${id.slice(1)}`,
              parentSpanId: `c${id.slice(1)}`,
              attributes: status,
            }),
            spanOf({
              resource: web,
              startedAt: at,
              traceId,
              spanId: `c${id.slice(1)}`,
              parentSpanId: `a${id.slice(1)}`,
              kind: 'client',
            }),
            spanOf({ resource: web, startedAt: at, traceId, spanId: `a${id.slice(1)}`, attributes: status }),
          ]
        })
        return [{ kind: 'spans', items: items.flat() }]
      }
    story.pass(30, spans(false))
    story.pass(20, spans(true))
    const services = new Set(story.pages().map(({ detection }) => detection.subject.service))
    expect([...services]).toEqual(['web'])
    const both = story.detector.active().filter(({ rule }) => rule === 'error-rate')
    expect(both.map(({ subject, urgency }) => [subject.service, urgency])).toEqual(
      expect.arrayContaining([
        ['web', 'P1'],
        ['stock', 'P4'],
      ]),
    )
    expect(new Set(both.map(({ group }) => group)).size).toBe(1)
    expect(story.detector.services().find(({ service }) => service === 'stock')).toMatchObject({
      callers: ['web'],
      isUserFacing: false,
      origin: 'spans',
    })
  })

  test('an access log is nearer to users than spans of the same service; they are never added', () => {
    const story = tellStory()
    const resource = resourceOf('shop')
    const chance = () => 0.5
    story.pass(30, (at) => [
      {
        kind: 'requests',
        items: [
          {
            service: 'shop',
            outcomes: Array.from({ length: 10 }, () => ({
              at,
              route: 'GET /',
              status: 200,
              noAnswer: null,
              durationMs: 2,
              client: null,
            })),
          },
        ],
      },
      {
        kind: 'spans',
        items: Array.from({ length: 10 }, () =>
          spanOf({ resource, startedAt: at, status: chance() < 0.6 ? 'error' : 'unset' }),
        ),
      },
    ])
    expect(story.pages()).toEqual([])
    expect(story.detector.services()[0]).toMatchObject({ origin: 'access-log', errorRate: 0 })
    expect(story.detector.services()[0]?.requestsPerSecond).toBeLessThan(101)
  })

  test('with http.server.request.duration alone, exported every 5 s', () => {
    const story = tellStory()
    const resource = resourceOf('web')
    const metric = {
      resource,
      scope: { name: '', version: '', attributes: new Map() },
      name: 'http.server.request.duration',
      description: '',
      unit: 's',
    }
    const totals = { '200': 0, '500': 0 }
    const points =
      (failing: number) =>
      (at: number): readonly TelemetryBatch[] => {
        totals['200'] += 10 * (1 - failing)
        totals['500'] += 10 * failing
        if (Math.round(at - START) % 5000 !== 0) return []
        const items = Object.entries(totals).map(([code, count]) => ({
          kind: 'histogram' as const,
          metric,
          attributes: new Map([
            ['http.response.status_code', code],
            ['http.request.method', 'GET'],
            ['http.route', '/'],
          ]),
          startedAt: START,
          at,
          flags: 0,
          temporality: 'cumulative' as const,
          count: Math.round(count),
          sum: 1,
          min: null,
          max: null,
          bounds: [0.1, 1],
          counts: [Math.round(count), 0, 0],
        }))
        return [{ kind: 'metrics', items }]
      }
    story.pass(60, points(0))
    expect(story.events()).toEqual([])
    story.pass(30, points(0.5))
    expect(story.pages()[0]?.detection).toMatchObject({
      rule: 'error-rate',
      urgency: 'P1',
      subject: { service: 'web' },
    })
    expect(story.pages()[0]?.second).toBeLessThan(72)
  })
})

describe('what is normal does not page', () => {
  const half = 1800
  test.each<readonly [string, (story: Story) => void]>([
    ['half an hour of ordinary traffic', (story) => story.traffic(half, { perSecond: 60, failing: 0.001 })],
    [
      'a traffic dip',
      (story) => {
        story.traffic(300, shop)
        story.traffic(300, { ...shop, perSecond: 8 })
        story.traffic(60, { ...shop, perSecond: 0 })
        story.traffic(300, shop)
      },
    ],
    [
      'a slow route that nobody uses',
      (story) => story.traffic(600, shop, { perSecond: 0.2, durationMs: 4000, route: 'GET /reports/daily' }),
    ],
    [
      'answers that are slow for some seconds, as after a deploy',
      (story) => {
        story.traffic(60, shop)
        story.traffic(8, { ...shop, durationMs: 1500 })
        story.traffic(20, shop)
        story.traffic(8, { ...shop, durationMs: 1500 })
        story.traffic(60, shop)
      },
    ],
    [
      'chatty warnings',
      (story) =>
        story.pass(600, (at) => [
          {
            kind: 'logs',
            items: [
              logOf(resourceOf('shop'), {
                at,
                body: `collector did not answer, attempt ${at}`,
                severityNumber: 13,
              }),
            ],
          },
        ]),
    ],
    [
      'a flapping health check of a drained instance',
      (story) =>
        story.pass(600, (at) => [
          ...(at % 6000 < 3000 && at % 1000 === 0
            ? [
                {
                  kind: 'probes' as const,
                  items: [
                    {
                      at,
                      probe: 'app-1',
                      kind: 'http' as const,
                      target: 'http://app-1/ready',
                      service: 'shop',
                      succeeded: false,
                      durationMs: 1000,
                      reason: 'timed out',
                      expiresInSeconds: null,
                    },
                  ],
                },
              ]
            : []),
          {
            kind: 'requests',
            items: [
              {
                service: 'shop',
                outcomes: [{ at, route: 'GET /', status: 200, noAnswer: null, durationMs: 3, client: null }],
              },
            ],
          },
        ]),
    ],
    [
      'mail is slow, and only called by others',
      (story) => {
        const [web, mail] = [resourceOf('web'), resourceOf('mail')]
        let count = 0
        story.pass(300, (at) => {
          count += 1
          const id = count.toString(16).padStart(16, '0')
          const traceId = `${id}${id}`
          return [
            {
              kind: 'spans',
              items: [
                spanOf({ resource: web, startedAt: at, traceId, spanId: `a${id.slice(1)}` }),
                spanOf({
                  resource: mail,
                  startedAt: at,
                  traceId,
                  spanId: `b${id.slice(1)}`,
                  parentSpanId: `a${id.slice(1)}`,
                  durationNs: 3e9,
                }),
              ],
            },
          ]
        })
      },
    ],
  ])('%s', (_, happens) => {
    const story = tellStory()
    happens(story)
    expect(story.pages()).toEqual([])
  })
})

describe('other signs', () => {
  test('requests take too long for over 20 s', () => {
    const story = tellStory()
    story.traffic(60, shop)
    story.traffic(30, { ...shop, durationMs: 2500 })
    const [page] = story.pages()
    expect(page?.second).toBeGreaterThan(79)
    expect(page?.second).toBeLessThan(85)
    expect(page?.detection).toMatchObject({ rule: 'response-time', urgency: 'P2' })
  })

  test('database connections over 80 % for half a minute', () => {
    const story = tellStory()
    const db = resourceOf('shop')
    const level =
      (value: number) =>
      (at: number): readonly TelemetryBatch[] =>
        at % 5000 === 0
          ? [
              {
                kind: 'metrics',
                items: [
                  gaugeOf(db, {
                    name: 'db.connections.utilization',
                    at,
                    value,
                    attributes: { 'db.target': 'postgresql://db:5432/shop' },
                  }),
                ],
              },
            ]
          : []
    story.pass(60, level(0.4))
    story.pass(60, level(0.95))
    const [page] = story.pages()
    expect(page?.second).toBeGreaterThan(89)
    expect(page?.second).toBeLessThan(92)
    expect(page?.detection.summary).toMatch(/db\.connections\.utilization.* is 95 %, above 80 % for 30 s/)
    expect(page?.detection.startedAt).toBe(START + 60_000)
    story.pass(30, level(0.4))
    expect(last(story, 'database-connections')).toMatchObject({ kind: 'ended' })
  })

  test('a probe fails three times and nobody is answered: P1', () => {
    const story = tellStory()
    const probe =
      (succeeded: boolean) =>
      (at: number): readonly TelemetryBatch[] =>
        at % 1000 === 0
          ? [
              {
                kind: 'probes',
                items: [
                  {
                    at,
                    probe: 'home',
                    kind: 'http',
                    target: 'https://shop/',
                    service: 'shop',
                    succeeded,
                    durationMs: 10,
                    reason: succeeded ? '' : 'expected an answer, found none',
                    expiresInSeconds: null,
                  },
                ],
              },
            ]
          : []
    story.pass(30, probe(true))
    story.pass(10, probe(false))
    const page = story.pages().find(({ detection }) => detection.rule === 'probe')
    expect(page?.detection).toMatchObject({ urgency: 'P1', startedAt: START + 30_000 })
    expect(page?.second).toBeLessThan(33)
  })

  test('five users say so within five minutes', () => {
    const story = tellStory()
    let count = 0
    story.pass(100, (at) => {
      if ((at - START) % 20_000 !== 0) return []
      count += 1
      return [
        {
          kind: 'reports',
          items: [
            { id: `r${count}`, at, text: 'Cannot check out', service: 'shop', url: null, source: 'form' },
          ],
        },
      ]
    })
    expect(story.pages()[0]?.detection).toMatchObject({
      rule: 'user-reports',
      urgency: 'P3',
      startedAt: START,
    })
  })

  test('an alert of somebody else stays until it is resolved', () => {
    const story = tellStory()
    const alert = (status: 'firing' | 'resolved'): TelemetryBatch => ({
      kind: 'alerts',
      items: [
        {
          key: 'k',
          source: 'alertmanager',
          status,
          name: 'DiskFull',
          service: 'db',
          severity: 'critical',
          summary: '97 % used',
          startedAt: START,
          endedAt: null,
          labels: new Map(),
          url: null,
        },
      ],
    })
    story.pass(1, (at) => (at === START ? [alert('firing')] : []))
    story.pass(60)
    expect(story.detector.active()).toMatchObject([
      { rule: 'alert', urgency: 'P2', subject: { service: 'db' } },
    ])
    story.detector.observe([alert('resolved')], START + 61_000)
    story.pass(10)
    expect(story.detector.active()).toEqual([])
  })

  test('an error never seen before is told of once the service is known, and not again after a restart', () => {
    const story = tellStory()
    const app = resourceOf('app')
    const says =
      (body: string) =>
      (at: number): readonly TelemetryBatch[] =>
        at % 1000 === 0 ? [{ kind: 'logs', items: [logOf(app, { at, body })] }] : []
    story.pass(360, says('could not send mail 17'))
    expect(story.events()).toEqual([])
    story.pass(20, says('no stock left for product 4711'))
    expect(story.events()[0]?.detection).toMatchObject({
      rule: 'new-error',
      urgency: 'P4',
      startedAt: START + 360_000,
    })
    const kept: unknown = JSON.parse(JSON.stringify(story.detector.snapshot()))
    const next = tellStory()
    expect(next.detector.restore(kept)).toEqual({ ok: true })
    next.pass(700, says('no stock left for product 12'))
    expect(next.events().filter(({ kind }) => kind === 'detected')).toEqual([])
  })

  test('an instance that is started four times within minutes, and nobody changed anything', () => {
    const story = tellStory()
    const points = (at: number): readonly TelemetryBatch[] => {
      const pid = String(100 + Math.floor((at - START) / 60_000))
      const resource = resourceOf('app', { 'service.instance.id': 'app-1', 'process.pid': pid })
      return at % 5000 === 0
        ? [
            {
              kind: 'metrics',
              items: [gaugeOf(resource, { name: 'process.uptime', at, value: 1, unit: 's' })],
            },
          ]
        : []
    }
    story.pass(300, points)
    expect(story.events()[0]?.detection).toMatchObject({ rule: 'crash-loop', subject: { instance: 'app-1' } })
  })

  test('a service that reported for long is missed; one of its instances that was replaced is not', () => {
    const story = tellStory()
    const from =
      (instance: string) =>
      (at: number): TelemetryBatch => ({
        kind: 'metrics',
        items: [gaugeOf(resourceOf('app', { 'service.instance.id': instance }), { name: 'x', at, value: 1 })],
      })
    const every =
      (...makers: readonly ((at: number) => TelemetryBatch)[]) =>
      (at: number) =>
        at % 5000 === 0 ? makers.map((make) => make(at)) : []
    story.pass(700, every(from('a'), from('b')))
    story.pass(300, every(from('a'), from('c')))
    expect(story.events()).toEqual([])
    story.pass(300)
    expect(story.events()[0]?.detection).toMatchObject({
      rule: 'missing-telemetry',
      subject: { service: 'app', instance: null },
    })
  })

  test('a budget burns fast over an hour; the first minutes of a window of days are no proof', () => {
    const story = tellStory({ services: { shop: { critical: [], objective: 0.9995 } } })
    const burns = () => story.events().filter(({ detection }) => detection.rule === 'burn-rate')
    story.traffic(600, { perSecond: 20, failing: 0 })
    story.traffic(300, { perSecond: 20, failing: 0.009 })
    expect(burns()).toEqual([])
    story.traffic(3300, { perSecond: 20, failing: 0.009 })
    expect(burns()[0]?.detection.summary).toMatch(/burns its error budget .* times too fast/)
    expect(burns().at(-1)?.detection.urgency).toBe('P2')
  })
})

describe('a budget is not burnt by', () => {
  const policy = { services: { shop: { critical: [], objective: 0.995 } } }
  const burnsOf = (story: Story) => story.events().filter(({ detection }) => detection.rule === 'burn-rate')

  test.each([1, 30, 120])('a blip of five seconds, %d s after the first request', (second) => {
    const story = tellStory(policy)
    story.traffic(second, { perSecond: 20, failing: 0 })
    story.traffic(5, { perSecond: 20, failing: 1 })
    story.traffic(1800, { perSecond: 20, failing: 0 })
    expect(burnsOf(story)).toEqual([])
  })

  test('less than all: what fails for minutes is told, with the objective as it was agreed', () => {
    const story = tellStory(policy)
    story.traffic(300, { perSecond: 20, failing: 0 })
    story.traffic(400, { perSecond: 20, failing: 1 })
    expect(burnsOf(story)[0]?.detection.summary).toContain('objective 99.5 %;')
  })
})

describe('who is told', () => {
  const fails = { ...shop, failing: 0.5 }
  const until = new Date(START + 90_000).toISOString()

  test('a silence keeps it quiet until it ends', () => {
    const silences = [{ id: 's1', match: { service: 'sh*' }, until, by: 'ann', comment: '' }]
    const story = tellStory({ silences })
    story.traffic(60, fails)
    expect(story.pages()).toEqual([])
    expect(story.events()[0]?.detection.suppressedBy).toBe('silence s1')
    story.traffic(60, fails)
    expect(story.pages()[0]).toMatchObject({ kind: 'updated', detection: { suppressedBy: null } })
    expect(story.pages()[0]?.second).toBeLessThan(91)
  })

  test('planned work is quiet every week', () => {
    const maintenance = [{ name: 'move', match: {}, days: ['Tue' as const], from: '09:00', for: 60_000 }]
    const story = tellStory({ maintenance })
    story.traffic(50, fails)
    expect(story.pages()).toEqual([])
    expect(story.events()[0]?.detection.suppressedBy).toBe('maintenance move')
  })

  test('what comes and goes all the time stays one detection that tells nobody', () => {
    const story = tellStory()
    for (let round = 0; round < 12; round += 1) {
      story.traffic(15, { ...shop, failing: 0.5 })
      story.traffic(90, { ...shop, failing: 0 })
    }
    const begun = story
      .events()
      .filter(({ kind, detection }) => kind === 'detected' && detection.rule === 'error-rate')
    expect(begun.length).toBeLessThanOrEqual(4)
    expect(story.detector.active()).toMatchObject([{ suppressedBy: 'flapping' }])
  })

  test('what was open before a restart stays open where it goes on, and ends with its last sign where it does not', () => {
    const story = tellStory()
    story.traffic(60, shop)
    story.traffic(30, fails)
    const kept: unknown = JSON.parse(JSON.stringify(story.detector.snapshot()))
    const [before] = story.detector.active()
    const after = (failing: number) => {
      const next = tellStory()
      next.detector.restore(kept)
      next.traffic(90, { ...shop, failing })
      return next
    }
    expect(after(0.5).detector.active()).toMatchObject([{ id: before?.id }])
    const ended = after(0.001)
    expect(ended.detector.active()).toEqual([])
    expect(ended.events()).toMatchObject([{ kind: 'ended', detection: { id: before?.id } }])
    expect(ended.events()[0]?.detection.endedAt).toBeLessThan(START + 90_000)
  })

  test.each([
    null,
    7,
    {},
    { schema: 2 },
    { schema: 1, at: 1, log: { open: [{}], starts: [] }, judges: {}, edges: [] },
  ])('a broken snapshot %j is refused', (kept) => {
    expect(tellStory().detector.restore(kept)).toMatchObject({ ok: false })
  })
})

test('events are well-formed: each id begins once, ends at most once, and is never more than one at a time for its subject', () => {
  const story = tellStory({ seed: 7 })
  for (let round = 0; round < 8; round += 1) {
    story.traffic(20, { ...shop, failing: [0, 0.5, 0.02, 0, 1, 0.05, 0, 0.2][round] ?? 0 })
    const subjects = story.detector.active().map(({ rule, subject }) => JSON.stringify([rule, subject]))
    expect(new Set(subjects).size).toBe(subjects.length)
  }
  const open = new Set<string>()
  for (const { kind, detection, at } of story.events()) {
    expect(open.has(detection.id)).toBe(kind !== 'detected')
    expect(detection.startedAt).toBeLessThanOrEqual(detection.detectedAt)
    expect(detection.detectedAt).toBeLessThanOrEqual(at)
    expect(kind === 'ended').toBe(detection.endedAt !== null)
    if (kind === 'ended') open.delete(detection.id)
    else open.add(detection.id)
  }
  expect(story.events().length).toBeGreaterThan(3)
})
