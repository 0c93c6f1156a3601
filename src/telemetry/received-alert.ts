import type { EpochMs } from '../time.ts'
import type { Attributes } from './attributes.ts'

/** An alert of somebody else's: Alertmanager's webhook, or JSON of any monitoring system. */
export type ReceivedAlert = {
  /** The same for each notice of one alert: Alertmanager's fingerprint, or a hash of source and labels. */
  readonly key: string
  readonly source: string
  readonly status: 'firing' | 'resolved'
  readonly name: string
  readonly service: string | null
  /** The sender's own word (`critical`, `warning`), '' where it has none. */
  readonly severity: string
  readonly summary: string
  readonly startedAt: EpochMs
  readonly endedAt: EpochMs | null
  readonly labels: Attributes
  readonly url: string | null
}
