import type { EpochMs } from '../../time.ts'
import type { Intake } from '../intake.ts'
import type { ItemRefusal } from '../otlp/decode-run.ts'
import type { Decoded } from '../otlp/decoder.ts'
import { DEFAULT_TELEMETRY_LIMITS } from '../otlp/limits.ts'
import type { TelemetryLimits } from '../otlp/limits.ts'
import type { SourceCounters } from '../source-counters.ts'
import type { Admission } from './admission.ts'

/** What a receiver of pushed telemetry needs. One admission and one set of counters are shared by all of them. */
export type ReceiverDeps = {
  readonly intake: Intake
  readonly now: () => EpochMs
  readonly admission: Admission
  readonly counters: SourceCounters
  /** What is not given is as in `DEFAULT_TELEMETRY_LIMITS`. */
  readonly limits?: Partial<TelemetryLimits>
  /** For mistakes of ours: a sender's are answered and counted. */
  readonly log?: (message: string) => void
}

export function limitsOf({ limits }: ReceiverDeps): TelemetryLimits {
  return { ...DEFAULT_TELEMETRY_LIMITS, ...limits }
}

/** What became of a request. `rejected` items were refused for good while the rest was kept; `message` says why. */
export type Received =
  | {
      readonly kind: 'kept'
      readonly rejected: number
      readonly message: string
      readonly decoded: Decoded & { kind: 'decoded' }
    }
  | { readonly kind: 'invalid'; readonly why: 'malformed' | 'too-large'; readonly reason: string }
  | { readonly kind: 'try-later'; readonly afterMs: number; readonly reason: string }

/** How long a sender waits when we have no room, or could not say. */
export const WAIT_MS = 1000

/** Decodes a request, hands it on, counts it, and says what to answer. Never rejects. */
export async function receive(deps: ReceiverDeps, source: string, decode: () => Decoded): Promise<Received> {
  const { counters } = deps
  const decoded = decodeSafely(deps, decode)
  if (decoded.kind === 'invalid') {
    counters.refuse(source, decoded.why)
    return decoded
  }
  const { batch } = decoded
  if (batch.items.length > 0) {
    const taken = await takeSafely(deps, decoded)
    if (taken.kind === 'try-later') {
      counters.refuse(source, 'try-later')
      return taken
    }
  }
  counters.add(source, 'received', decoded.received)
  counters.add(source, 'accepted', batch.items.length)
  counters.add(source, 'skipped', decoded.skipped)
  counters.add(source, 'dropped-attributes', decoded.droppedAttributes)
  counters.add(source, 'cut-values', decoded.cutValues)
  let rejected = 0
  for (const [reason, count] of decoded.refused) {
    counters.refuse(source, reason, count)
    rejected += count
  }
  return { kind: 'kept', rejected, message: explain(decoded, rejected, limitsOf(deps)), decoded }
}

function decodeSafely({ log }: ReceiverDeps, decode: () => Decoded): Decoded {
  try {
    return decode()
  } catch (error) {
    // A mistake of ours; to send the same again would not help, and one request must not end the process.
    log?.(
      `telemetry could not be decoded: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
    return {
      kind: 'invalid',
      why: 'malformed',
      reason: 'expected a request that we can read, and failed to: this is a mistake of ours',
    }
  }
}

async function takeSafely(
  { intake, log }: ReceiverDeps,
  { batch }: Decoded & { kind: 'decoded' },
): ReturnType<Intake['take']> {
  try {
    return await intake.take([batch])
  } catch (error) {
    // The sender did nothing wrong, and nothing is known to be stored: it may come again.
    const reason = error instanceof Error ? error.message : String(error)
    log?.(`telemetry could not be stored: ${reason}`)
    return { kind: 'try-later', afterMs: WAIT_MS, reason: 'it could not be stored' }
  }
}

function explain(decoded: Decoded & { kind: 'decoded' }, rejected: number, limits: TelemetryLimits): string {
  if (rejected === 0) return ''
  const reasons = [...decoded.refused].map(
    ([reason, count]) => `${count} ${wordsOf(reason, decoded, limits)}`,
  )
  return `${rejected} of ${decoded.received} refused: ${reasons.join('; ')}`
}

function wordsOf(
  reason: ItemRefusal,
  { batch }: Decoded & { kind: 'decoded' },
  limits: TelemetryLimits,
): string {
  switch (reason) {
    case 'too-old': {
      const kept = batch.kind === 'logs' || batch.kind === 'spans' ? batch.kind : 'metrics'
      const days = limits.maxAgeMs[kept] / 86_400_000
      return `older than the ${Number(days.toFixed(2))} days that are kept (too-old): check the sender's clock`
    }
    case 'in-future':
      return `more than ${limits.maxAheadMs / 60_000} minutes ahead of our clock (in-future): check both clocks`
    case 'invalid-id':
      return 'without a trace id of 16 bytes and a span id of 8, not all zeros (invalid-id)'
    case 'no-name':
      return 'of a metric without a name (no-name)'
    case 'invalid-buckets':
      return `with more than ${limits.maxBuckets} buckets, or counts that do not fit the bounds (invalid-buckets)`
    default:
      return reason satisfies never
  }
}
