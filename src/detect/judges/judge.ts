import type { EpochMs } from '../../time.ts'
import type { TelemetryBatch } from '../../telemetry/index.ts'
import type { DetectionSubject, LiveDetection, Urgency } from '../live-detection.ts'
import type { ProcessTable } from '../process-table.ts'
import type { RequestBoard } from '../request-board.ts'
import type { SeriesTable } from '../series-table.ts'
import type { ServiceGraph } from '../service-graph.ts'
import type { ServiceView } from '../service-view.ts'

/** Something that is wrong now, as one rule sees it. A subject of a rule has one sign at a time. */
export type LiveSign = {
  readonly rule: string
  readonly subject: DetectionSubject
  readonly urgency: Urgency
  /** The first sign of it. */
  readonly since: EpochMs
  /** The last sign of it so far. */
  readonly lastAt: EpochMs
  readonly summary: string
  readonly evidence: LiveDetection['evidence']
}

/** What is configured of a service. */
export type ServicePolicy = {
  /** `POST /checkout`: more than 5 % of it failing is P1, however little of the traffic it is. */
  readonly critical: readonly string[]
  /** Share of good requests, 0.999; null where none was agreed. */
  readonly objective: number | null
  /** Whether its clients are users; where it is not said, the service graph tells. */
  readonly userFacing?: boolean
}

/** What judges look at; they share it, and nothing else. */
export type Watched = {
  readonly board: RequestBoard
  readonly series: SeriesTable
  readonly processes: ProcessTable
  readonly graph: ServiceGraph
  readonly policyOf: (service: string) => ServicePolicy
  readonly isUserFacing: (service: string) => boolean
  /** Of the last minute; null where the service is not known by requests. */
  readonly viewOf: (service: string) => ServiceView | null
}

/** Judges by one rule. What it keeps is bounded, and small enough to be handed out as JSON. */
export type Judge = {
  readonly observe?: (batch: TelemetryBatch, now: EpochMs) => void
  /** All that is wrong now. Called every few hundred milliseconds, with times that never go back. */
  readonly judge: (now: EpochMs) => readonly LiveSign[]
  /** What must outlive a restart, as JSON; nothing where all of it is learned anew soon. */
  readonly snapshot?: () => unknown
  /** Takes what `snapshot` gave; what it cannot read it leaves. */
  readonly restore?: (kept: unknown) => void
  /** Numbers about itself, by name. */
  readonly figures?: () => Readonly<Record<string, number>>
}

export const NOBODY: DetectionSubject = { service: null, route: null, instance: null, resource: null }
