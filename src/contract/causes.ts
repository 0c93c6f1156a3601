/** The ids of the causes that a diagnosis may name. Public: reviews, drills and checks use them. */
export const causeIds = [
  'nondeterministic-failure',
  'bad-release',
  'unhandled-input',
  'connection-leak',
  'connections-exhausted',
  'slow-query',
  'lock-contention',
  'dependency-down',
  'dependency-slow',
  'out-of-memory',
  'disk-full',
  'missing-configuration',
  'authentication-failed',
  'certificate-expired',
  'rate-limited',
] as const

export type CauseId = (typeof causeIds)[number]
