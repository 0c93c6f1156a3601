import { createArrivals } from './arrivals.ts'
import type { Arrivals } from './arrivals.ts'
import type { Complaints } from './complaints.ts'
import type { Crowd } from './crowd.ts'
import type { LoadClock } from './load-clock.ts'
import type { Random } from './random.ts'
import { retryAfterMs } from './retries.ts'
import type { SecondRecorder } from './second-recorder.ts'
import { get, isFailure } from './shop-request.ts'
import type { Answer, Outcome, ShopRequest } from './shop-request.ts'
import { newShopper, remember } from './shopper.ts'
import type { Shopper } from './shopper.ts'
import type { Complaint, SecondReport, ShopperProfile } from './shoppers-protocol.ts'

export type LoadEngineDeps = {
  readonly clock: LoadClock
  readonly random: Random
  readonly crowd: Crowd
  readonly recorder: SecondRecorder
  readonly complaints: Complaints
  readonly send: (
    sent: { request: ShopRequest; shopper: Shopper },
    onAnswer: (answer: Answer) => void,
  ) => Cancel
  readonly onSecond: (second: SecondReport) => void
  readonly onComplaint: (complaint: Complaint) => void
}

/** Takes a request back, and says whether it ever left. */
type Cancel = () => 'sent' | 'unsent'

export type LoadEngineOptions = {
  readonly timeoutMs: number
  /** Arrivals beyond so many under way fail at once, and are counted. */
  readonly maxInFlight: number
}

type Order = {
  readonly request: ShopRequest
  readonly shopper: Shopper
  readonly scheduledAt: number
  readonly attempt: number
  cancel: Cancel | null
}

/** How often overdue requests are looked for. */
const SWEEP_MS = 25
const SECOND_MS = 1_000

/**
 * Sends at scheduled times, whatever became of what was sent before, and counts latency from the scheduled time: a
 * shop that stands still for two seconds is seen to stand still by everyone who came in these two seconds.
 */
export class LoadEngine {
  readonly #deps: LoadEngineDeps
  readonly #options: LoadEngineOptions
  readonly #shoppers: Arrivals
  readonly #bots: Arrivals
  readonly #bot: Shopper
  /** Oldest scheduled time first. */
  readonly #inFlight = new Set<Order>()
  /** What is to happen later, unless all is called off. */
  readonly #later = new Set<() => void>()
  readonly #repeated: readonly (() => void)[]
  #botRequest = get('/', '/')
  #profile: ShopperProfile = 'everyday'
  #callOffWake: (() => void) | null = null
  #onIdle: (() => void) | null = null

  constructor(deps: LoadEngineDeps, options: LoadEngineOptions) {
    const { clock, random } = deps
    this.#deps = deps
    this.#options = options
    this.#shoppers = createArrivals(random, clock.now())
    this.#bots = createArrivals(random, clock.now())
    this.#bot = { ...newShopper(random), agent: 'python-requests/2.33' }
    this.#repeated = [
      repeat(clock, SWEEP_MS, () => this.#sweep()),
      repeat(clock, SECOND_MS, () => this.#reportSecond()),
    ]
  }

  setRate(perSecond: number): void {
    this.#shoppers.setRate(perSecond, this.#deps.clock.now())
    this.#sleep()
  }

  setProfile(profile: ShopperProfile): void {
    this.#profile = profile
  }

  /** A bot beside the shoppers that asks for one page; 0 ends it. */
  hammer(path: string, perSecond: number): void {
    this.#botRequest = get(routeOf(path), path)
    this.#bots.setRate(perSecond, this.#deps.clock.now())
    this.#sleep()
  }

  /** No new arrivals; resolves when what is under way has ended, at the latest after the time-out. */
  async stop(): Promise<void> {
    this.setRate(0)
    this.hammer('/', 0)
    for (const callOff of this.#later) callOff()
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
      if (this.#inFlight.size === 0) resolve()
    })
    for (const callOff of this.#repeated) callOff()
  }

  #wake(): void {
    const { clock, crowd } = this.#deps
    const now = clock.now()
    for (const scheduledAt of this.#shoppers.take(now)) {
      this.#begin({ ...crowd.next(this.#shoppers.perSecond), scheduledAt, attempt: 1, cancel: null })
    }
    for (const scheduledAt of this.#bots.take(now)) {
      this.#begin({ shopper: this.#bot, request: this.#botRequest, scheduledAt, attempt: 1, cancel: null })
    }
    this.#sleep()
  }

  #sleep(): void {
    const { clock } = this.#deps
    const nextAt = Math.min(this.#shoppers.nextAt, this.#bots.nextAt)
    this.#callOffWake?.()
    this.#callOffWake =
      nextAt === Infinity ? null : clock.after(Math.max(0, nextAt - clock.now()), () => this.#wake())
  }

  #begin(order: Order): void {
    const { clock, recorder, send } = this.#deps
    recorder.started(clock.now() - order.scheduledAt)
    if (this.#inFlight.size >= this.#options.maxInFlight) {
      this.#end(order, { outcome: 'no-socket', body: '' })
      return
    }
    this.#inFlight.add(order)
    order.cancel = send(order, (answer) => {
      if (this.#inFlight.delete(order)) this.#end(order, answer)
    })
  }

  #end(order: Order, answer: Answer): void {
    const { clock, recorder } = this.#deps
    const { request, shopper, scheduledAt } = order
    const hasAnswer = typeof answer.outcome === 'number'
    const tookMs = hasAnswer ? clock.now() - scheduledAt : this.#options.timeoutMs
    recorder.ended(request.route, answer.outcome, tookMs)
    remember(shopper, request, { ...answer, tookMs })
    if (shopper !== this.#bot && this.#onIdle === null) this.#react(order, answer.outcome, tookMs)
    if (this.#inFlight.size === 0) this.#onIdle?.()
  }

  /** Asks again, or writes to support. */
  #react(order: Order, outcome: Outcome, tookMs: number): void {
    const { clock, random, complaints, onComplaint } = this.#deps
    const { request, shopper, attempt } = order
    const failed = isFailure(outcome)
    const now = clock.now()
    const afterMs = failed ? retryAfterMs(this.#profile, attempt, random) : null
    if (afterMs !== null) {
      const again = { request, shopper, scheduledAt: now + afterMs, attempt: attempt + 1, cancel: null }
      this.#do(afterMs, () => this.#begin(again))
    }
    const written = complaints.consider({ shopper, request, outcome, failed, tookMs, now })
    if (written === null) return
    this.#do(written.afterMs, () => onComplaint({ at: clock.wall(), ...written.complaint }))
  }

  #do(afterMs: number, act: () => void): void {
    const callOff = this.#deps.clock.after(afterMs, () => {
      this.#later.delete(callOff)
      act()
    })
    this.#later.add(callOff)
  }

  #sweep(): void {
    const limit = this.#deps.clock.now() - this.#options.timeoutMs
    for (const order of this.#inFlight) {
      if (order.scheduledAt > limit) return
      this.#inFlight.delete(order)
      this.#end(order, { outcome: order.cancel?.() === 'unsent' ? 'no-socket' : 'timeout', body: '' })
    }
  }

  #reportSecond(): void {
    const { clock, recorder, onSecond } = this.#deps
    onSecond({
      kind: 'second',
      at: clock.wall(),
      perSecond: this.#shoppers.perSecond + this.#bots.perSecond,
      inFlight: this.#inFlight.size,
      missed: this.#shoppers.missed() + this.#bots.missed(),
      ...recorder.take(),
    })
  }
}

/** `/products/17?x=1` is `/products/:id`. */
function routeOf(path: string): string {
  const [bare = path] = path.split('?')
  return bare.replaceAll(/\/\d+(?=\/|$)/g, '/:id')
}

/** Every so many milliseconds of the clock: being late once does not move the times after it. */
function repeat(clock: LoadClock, everyMs: number, act: () => void): () => void {
  let dueAt = clock.now()
  let callOff = (): void => {}
  function plan(): void {
    const now = clock.now()
    dueAt += everyMs * Math.max(1, Math.ceil((now - dueAt) / everyMs))
    callOff = clock.after(dueAt - now, () => {
      plan()
      act()
    })
  }
  plan()
  return () => callOff()
}
