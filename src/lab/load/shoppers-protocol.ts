/**
 * What the shoppers' process is told on its standard input and what it tells on its standard output: one JSON object
 * per line. Its standard error is for people. It ends by itself when its input ends.
 *
 *     supervisor ──start, rate, profile, hammer, stop──> shoppers ──requests──> load balancer
 *                <──ready, second, complaint, stopped──
 */
export type ShoppersCommand =
  | { readonly kind: 'start'; readonly settings: ShopperSettings }
  | { readonly kind: 'rate'; readonly perSecond: number }
  | { readonly kind: 'profile'; readonly profile: ShopperProfile }
  | { readonly kind: 'hammer'; readonly path: string; readonly perSecond: number }
  | { readonly kind: 'stop' }

export type ShopperSettings = {
  /** Where the shop is, as its users reach it: `http://127.0.0.1:4500`. */
  readonly target: string
  readonly perSecond: number
  /** The same seed sends the same requests in the same order. */
  readonly seed: number
  readonly profile: ShopperProfile
  /** A request without a whole answer by then has failed; counted from its scheduled time. */
  readonly timeoutMs: number
  /** JSON Lines of what users complain about; null: nobody writes in. */
  readonly reportsFile: string | null
  /** The same complaints, one POST of JSON each. */
  readonly reportsUrl: string | null
}

/**
 * What a client does about a failed request. `everyday`: one in five asks once more after a second. `impatient`: every
 * client asks up to three times more, at once: what turns a hiccup into a storm.
 */
export type ShopperProfile = 'everyday' | 'impatient'

export type ShoppersReport =
  | { readonly kind: 'ready' }
  | SecondReport
  | ({ readonly kind: 'complaint' } & Complaint)
  | { readonly kind: 'stopped'; readonly requests: number; readonly failed: number }

/** What ended within one second. Arrivals of that second that are still under way are in `inFlight`. */
export type SecondReport = {
  readonly kind: 'second'
  /** End of the second, epoch milliseconds. */
  readonly at: number
  readonly perSecond: number
  /** Requests whose scheduled time lay in this second, and further attempts. */
  readonly started: number
  readonly inFlight: number
  /** The longest that a request left after its scheduled time, in this second: over some 50 ms we were too slow. */
  readonly behindMs: number
  /** Arrivals that were never sent because we ourselves stood still for too long; no fault of the shop's. */
  readonly missed: number
  readonly routes: Readonly<Record<string, RouteCount>>
}

/** `POST /cart/:id/items` in one second. */
export type RouteCount = {
  readonly requests: number
  /** 5xx, time-out or no answer. */
  readonly failed: number
  /** By status (`503`) or, without one, by what happened: `timeout`, `refused`, `reset`, `no-socket`. */
  readonly outcomes: Readonly<Record<string, number>>
  /** `[bucket, count]` pairs of latency from the scheduled time; see latency-buckets.ts. */
  readonly latency: ReadonlyArray<readonly [bucket: number, count: number]>
}

/** Someone who writes to support. */
export type Complaint = {
  /** Epoch milliseconds. */
  readonly at: number
  readonly text: string
  /** The page they were on. */
  readonly page: string
  readonly client: string
}

/** 10,000 a minute. */
export const EVERYDAY_PER_SECOND = 10_000 / 60

export const EVERYDAY_TIMEOUT_MS = 15_000
