import { toIso } from '../../time.ts'
import type { EpochMs } from '../../time.ts'
import type { ActiveFault, AppliedFault, Fault, Truth } from './fault.ts'

/**
 * What is written down of a fault, one JSON line each, where only the scorer of a drill and the operator read it:
 * that it was put in, that users began to feel it, that it was taken out.
 */
export type TruthRecord =
  | {
      readonly kind: 'start'
      readonly name: string
      readonly faultKind: Fault['kind']
      readonly level: string
      /** Decimal: JSON numbers hold 53 bits, a seed has 64. */
      readonly seed: string
      readonly injectedAt: string
      readonly until: string
      readonly truth: readonly Truth[]
      /** The faults that it is made of, where it is made of others. */
      readonly parts: readonly string[]
    }
  | { readonly kind: 'onset'; readonly name: string; readonly firstFailureAt: string }
  | {
      readonly kind: 'end'
      readonly name: string
      readonly at: string
      readonly reason: EndReason
      /** Why it could not be taken back; null where all went well. */
      readonly failure: string | null
    }

export type EndReason = 'mend' | 'lease' | 'down'

export function startRecord(active: ActiveFault, fault: Fault, applied: AppliedFault): TruthRecord {
  return {
    kind: 'start',
    name: active.name,
    faultKind: fault.kind,
    level: active.level,
    seed: String(active.seed),
    injectedAt: toIso(active.since),
    until: toIso(active.until),
    truth: applied.truth,
    parts: applied.parts,
  }
}

export function endRecord(
  name: string,
  end: { readonly at: EpochMs; readonly reason: EndReason; readonly failure: string | null },
): TruthRecord {
  return { kind: 'end', name, at: toIso(end.at), reason: end.reason, failure: end.failure }
}
