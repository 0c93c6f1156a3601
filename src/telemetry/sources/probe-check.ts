/** One way of looking, set up once. */
export type ProbeCheck = {
  readonly kind: 'http' | 'tcp' | 'tls' | 'dns'
  /** As results name it: no user and no password. */
  readonly target: string
  /** One look; an abort of the signal ends it. What it throws is what it found. */
  look(signal: AbortSignal): Promise<ProbeSight>
  close(): Promise<void>
}

/** What one look found; `reason` is '' where all was as expected, else what was expected and what was found. */
export type ProbeSight = { readonly reason: string; readonly expiresInSeconds: number | null }

/** All as expected. */
export const AS_EXPECTED: ProbeSight = { reason: '', expiresInSeconds: null }
