import { expect, test } from 'vitest'
import { createComplaints } from './complaints.ts'
import { createCrowd } from './crowd.ts'
import { LoadEngine } from './load-engine.ts'
import { loadFigures } from './load-figures.ts'
import { createRandom } from './random.ts'
import { createSecondRecorder } from './second-recorder.ts'
import type { Answer, ShopRequest } from './shop-request.ts'
import type { Complaint, SecondReport } from './shoppers-protocol.ts'
import { createVirtualClock } from './virtual-clock.ts'

type Shop = (
  request: ShopRequest,
  now: number,
) => { readonly outcome: Answer['outcome']; readonly afterMs: number } | null

/** A shop in virtual time that answers as it is told; null is never. */
function labWith(shop: Shop, options: { readonly maxInFlight?: number } = {}) {
  const clock = createVirtualClock()
  const random = createRandom(7)
  const seconds: SecondReport[] = []
  const complaints: Complaint[] = []
  const sent: { readonly at: number; readonly request: ShopRequest }[] = []
  const recorder = createSecondRecorder()
  const engine = new LoadEngine(
    {
      clock,
      random,
      recorder,
      crowd: createCrowd(random),
      complaints: createComplaints(random),
      onSecond: (second) => seconds.push(second),
      onComplaint: (complaint) => complaints.push(complaint),
      send({ request }, onAnswer) {
        sent.push({ at: clock.now(), request })
        const answer = shop(request, clock.now())
        const body = '{"orderId":1,"code":"abc"}'
        const callOff =
          answer && clock.after(answer.afterMs, () => onAnswer({ outcome: answer.outcome, body }))
        return () => {
          callOff?.()
          return 'sent'
        }
      },
    },
    { timeoutMs: 15_000, maxInFlight: options.maxInFlight ?? 100_000 },
  )
  return { clock, engine, seconds, complaints, sent, recorder }
}

const well: Shop = () => ({ outcome: 200, afterMs: 5 })

test('sends 10,000 requests a minute, and every answer is counted', () => {
  const { clock, engine, seconds, recorder } = labWith(well)
  engine.setRate(10_000 / 60)
  clock.runUntil(60_001)
  expect(recorder.totals.requests).toBeGreaterThanOrEqual(9_998)
  expect(recorder.totals.requests).toBeLessThanOrEqual(10_001)
  const figures = loadFigures(seconds)
  expect(figures.errorRate).toBe(0)
  expect(figures.p95Ms).toBeCloseTo(5, 0)
  expect(seconds).toHaveLength(60)
})

test('arrivals go on while the shop stands still, and wait from their scheduled time on', () => {
  const stall = { from: 4_000, to: 6_000 }
  const { clock, engine, seconds, sent } = labWith((_request, now) => ({
    outcome: 200,
    afterMs: now >= stall.from && now < stall.to ? stall.to - now : 1,
  }))
  engine.setRate(400)
  clock.runUntil(10_050)
  const during = sent.filter(({ at }) => at >= stall.from && at < stall.to)
  expect(during).toHaveLength(800)
  const figures = loadFigures(seconds)
  expect(figures.requests).toBeGreaterThan(3_980)
  // Of all, a fifth waited between 0 and 2 s, evenly spread: 5 % over 1.5 s, 1 % over 1.9 s.
  expect(Math.abs(figures.p95Ms - 1_500)).toBeLessThan(80)
  expect(Math.abs(figures.p99Ms - 1_900)).toBeLessThan(80)
})

test('what is not answered in time has failed with the time-out as its latency', () => {
  const { clock, engine, seconds, recorder } = labWith(() => null)
  engine.setRate(50)
  clock.runUntil(1_000)
  engine.setRate(0)
  clock.runUntil(16_100)
  expect(recorder.totals).toEqual({ requests: 50, failed: 50 })
  expect(loadFigures(seconds).p50Ms).toBeGreaterThan(14_000)
  expect(Object.keys(loadFigures(seconds).routes[0]?.outcomes ?? {})).toEqual(['timeout'])
})

test('no arrival is dropped in silence when too many are under way', () => {
  const { clock, engine, seconds, recorder } = labWith(() => null, { maxInFlight: 10 })
  engine.setRate(100)
  clock.runUntil(1_010)
  expect(seconds[0]?.started).toBeGreaterThanOrEqual(99)
  expect(seconds[0]?.inFlight).toBe(10)
  expect(recorder.totals.failed).toBeGreaterThanOrEqual(90)
})

test('impatient clients ask three times more, and so turn a failure into a storm', () => {
  const broken: Shop = () => ({ outcome: 500, afterMs: 1 })
  const everyday = labWith(broken)
  const impatient = labWith(broken)
  impatient.engine.setProfile('impatient')
  for (const { engine, clock } of [everyday, impatient]) {
    engine.setRate(100)
    clock.runUntil(30_000)
  }
  expect(everyday.sent.length / 3_000).toBeCloseTo(1.2, 1)
  expect(impatient.sent.length / 3_000).toBeCloseTo(4, 1)
})

test('a bot asks for its one page beside the shoppers', () => {
  const { clock, engine, sent } = labWith(well)
  engine.setRate(10)
  engine.hammer('/products/17?x=1', 90)
  clock.runUntil(10_000)
  const hammered = sent.filter(({ request }) => request.path === '/products/17?x=1')
  expect(hammered.length).toBeGreaterThanOrEqual(899)
  expect(hammered[0]?.request.route).toBe('GET /products/:id')
  engine.hammer('/', 0)
  clock.runUntil(20_000)
  expect(sent.length).toBeLessThan(1_110)
})

test('shoppers do all that shoppers do, in steady shares', () => {
  const { clock, engine, sent } = labWith(well)
  engine.setRate(10_000 / 60)
  clock.runUntil(60_000)
  const routes = Map.groupBy(sent.slice(1_000), ({ request }) => request.route)
  const share = (route: string): number => (routes.get(route)?.length ?? 0) / (sent.length - 1_000)
  const all = [
    'GET /', 'GET /products', 'GET /products/:id', 'GET /search', 'GET /cart/:id', 'POST /cart/:id/items',
    'POST /cart/:id/coupon', 'POST /checkout', 'GET /orders/:id', 'POST /login', 'GET /accounts/:id/orders',
    'POST /links', 'GET /l/:code',
  ] // prettier-ignore
  for (const route of all) expect([route, share(route) > 0.015]).toEqual([route, true])
  expect(routes.size).toBe(all.length)
})

test('nobody complains while all is well; when it fails a few do, and say what hurts', () => {
  const fine = labWith(well)
  fine.engine.setRate(500)
  fine.clock.runUntil(60_000)
  expect(fine.complaints).toEqual([])

  const { clock, engine, complaints } = labWith((request) => ({
    outcome: request.route === 'POST /checkout' ? 500 : 200,
    afterMs: 5,
  }))
  engine.setRate(500)
  clock.runUntil(60_000)
  expect(complaints.length).toBeGreaterThan(3)
  expect(complaints.length).toBeLessThan(31)
  expect(complaints.map(({ text }) => text)).toContain("Can't complete checkout")
  expect(new Set(complaints.map(({ page }) => page))).toEqual(new Set(['/checkout']))
})

test('stops when what is under way has ended', async () => {
  const { clock, engine, sent } = labWith(() => ({ outcome: 200, afterMs: 500 }))
  engine.setRate(10)
  clock.runUntil(1_000)
  let hasStopped = false
  const stopped = engine.stop().then(() => (hasStopped = true))
  await Promise.resolve()
  expect(hasStopped).toBe(false)
  const before = sent.length
  clock.runUntil(3_000)
  await stopped
  expect(sent).toHaveLength(before)
})

test('the same seed sends the same requests', () => {
  const [one, other] = [labWith(well), labWith(well)]
  for (const { engine, clock } of [one, other]) {
    engine.setRate(100)
    clock.runUntil(5_000)
  }
  expect(one.sent).toEqual(other.sent)
})
