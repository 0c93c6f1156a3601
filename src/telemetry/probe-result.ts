import type { EpochMs } from '../time.ts'

/** What one synthetic check saw. */
export type ProbeResult = {
  readonly at: EpochMs
  /** As the configuration names it. */
  readonly probe: string
  readonly kind: 'http' | 'tcp' | 'tls' | 'dns' | 'database'
  readonly target: string
  readonly service: string | null
  readonly succeeded: boolean
  readonly durationMs: number
  /** What was expected and what was found; '' where it succeeded. */
  readonly reason: string
  /** For TLS: seconds until the certificate expires. */
  readonly expiresInSeconds: number | null
}
