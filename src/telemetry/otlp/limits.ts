/** How much of one request is taken. What is over a limit of the request refuses it; the rest is cut, and counted. */
export type TelemetryLimits = {
  /** Bytes of a body, as received and after decompression. Over it: 413. */
  readonly maxBodyBytes: number
  /** Records, spans or points of a request. Over it: 413, so that small bytes cannot become many objects. */
  readonly maxItems: number
  /** Attributes of a record; the rest are dropped. */
  readonly maxAttributes: number
  /** Events, and links, of a span; quantiles of a summary; the rest are dropped. */
  readonly maxEvents: number
  /** Buckets of a histogram. Over it the point is refused, since half a histogram is a wrong one. */
  readonly maxBuckets: number
  /** Bytes of an attribute's value; cut there, with a mark. */
  readonly maxValueLength: number
  /** Bytes of a log's body; cut there, with a mark. Longer than other values: stack traces are in it. */
  readonly maxBodyLength: number
  /** Lists in maps in lists: what is nested deeper is left out. */
  readonly maxDepth: number
  /** Milliseconds into the future that a sender's clock may be wrong. */
  readonly maxAheadMs: number
  /** Milliseconds into the past: what is older would be deleted as soon as it is stored. */
  readonly maxAgeMs: { readonly logs: number; readonly spans: number; readonly metrics: number }
}

const DAY_MS = 86_400_000

export const DEFAULT_TELEMETRY_LIMITS: TelemetryLimits = {
  maxBodyBytes: 20 * 1024 * 1024,
  maxItems: 100_000,
  maxAttributes: 128,
  maxEvents: 128,
  maxBuckets: 1024,
  maxValueLength: 32 * 1024,
  maxBodyLength: 256 * 1024,
  maxDepth: 16,
  maxAheadMs: 10 * 60_000,
  maxAgeMs: { logs: 30 * DAY_MS, spans: 30 * DAY_MS, metrics: 30 * DAY_MS },
}
