import type { EpochMs } from '../time.ts'

/** How loudly: P1 to P3 page somebody, P4 is for who looks. The same scale as an incident's severity. */
export type Urgency = 'P1' | 'P2' | 'P3' | 'P4'

/** What a detection is about; what is null is not narrowed down. */
export type DetectionSubject = {
  readonly service: string | null
  readonly route: string | null
  readonly instance: string | null
  /** A database, a probe, a metric's series: whatever the rule judges besides. */
  readonly resource: string | null
}

/** Something that is wrong now, or was until `endedAt`, in a system that reports to us. */
export type LiveDetection = {
  readonly id: string
  /** Of the rule: `error-rate`, `burn-rate-fast`, `new-error`, `anomaly`, … */
  readonly rule: string
  readonly subject: DetectionSubject
  readonly urgency: Urgency
  /** The first sign of it, as far back as it is known. */
  readonly startedAt: EpochMs
  readonly detectedAt: EpochMs
  /** Null while it goes on. */
  readonly endedAt: EpochMs | null
  /** One sentence with the numbers: what was seen, over what window, against what limit. */
  readonly summary: string
  /** The numbers behind it. */
  readonly evidence: readonly { readonly name: string; readonly value: number; readonly unit: string }[]
  /** Detections of one trouble have one group: near in time, and connected in the service graph. */
  readonly group: string
  /** Why nobody is told: a silence, a maintenance window, flapping; null where somebody is. */
  readonly suppressedBy: string | null
}

/** What happened to a detection: it is told of in this order, and the newest says how it stands. */
export type DetectionEvent = {
  readonly at: EpochMs
  readonly kind: 'detected' | 'updated' | 'ended'
  readonly detection: LiveDetection
}
