import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '../contract/config.ts'
import type { LiveDetector } from '../detect/index.ts'
import type { EventHub } from './event-hub.ts'
import type { IntakeFigures } from './service-intake.ts'
import type { SourceView } from './service-sources.ts'
import type { Silences } from './silences.ts'
import type { TelemetryStore } from '../store/index.ts'
import type { Intake, RedactBatches, SourceCounters, WebhookName, WebhookReply } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** Queries of the store: a door reads, and writes through the intake only. */
export type StoredTelemetry = Omit<
  TelemetryStore,
  'append' | 'saveDetectionEvents' | 'setRetention' | 'close'
>

export type WebhookRequest = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

export type Reload =
  | { readonly ok: true; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: string }

/** A running Firebreak, as its doors see it. */
export type Service = {
  readonly version: string
  readonly startedAt: EpochMs
  readonly now: () => EpochMs
  readonly newId: () => string
  readonly config: () => Config
  readonly stored: StoredTelemetry
  readonly detector: Pick<LiveDetector, 'active' | 'services' | 'figures'>
  readonly hub: EventHub
  /** What a person or an API client tells. */
  readonly intake: Intake
  /** Takes out of telemetry what is never kept, as the configuration has it now. */
  readonly redact: RedactBatches
  readonly silences: Pick<Silences, 'all'> & {
    readonly add: Silences['add']
    readonly end: Silences['end']
  }
  readonly webhook: (name: WebhookName, request: WebhookRequest) => Promise<WebhookReply>
  /** Takes OTLP and remote write; false where the request is none. */
  readonly receive: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  readonly reload: () => Promise<Reload>
  readonly state: () => ServiceState
}

export type ServiceState = {
  readonly isStopping: boolean
  readonly isReady: boolean
  readonly listening: readonly string[]
  readonly sources: readonly SourceView[]
  readonly received: ReturnType<SourceCounters['snapshot']>
  readonly inFlightBytes: number
  readonly intake: IntakeFigures
  readonly unsavedDetections: number
  /** Why the configuration on disk is not the one in force; null where it is. */
  readonly refusedConfiguration: string | null
}

export type DoorPlace = {
  readonly host: string
  readonly port: number
  readonly token: string | null
  readonly hosts: readonly string[]
}

/** Opens the HTTP door; `main` hands it in, for what is composed here knows no doors. */
export type OpenDoor = (
  service: Service,
  place: DoorPlace,
) => Promise<{ readonly url: string; readonly close: (graceMs: number) => Promise<void> }>
