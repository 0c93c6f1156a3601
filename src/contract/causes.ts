/** The ids of the causes that a diagnosis may name. Public: reviews, drills and checks use them. */
export const causeIds = [
  'nondeterministic-failure',
  'bad-release',
  'unhandled-input',
  'connection-leak',
  'pool-too-small',
  'connections-exhausted',
  'slow-query',
  'missing-index',
  'lock-contention',
  'idle-in-transaction',
  'database-down',
  'schema-mismatch',
  'dependency-down',
  'dependency-slow',
  'name-resolution',
  'certificate-expired',
  'certificate-untrusted',
  'rate-limited',
  'authentication-failed',
  'memory-leak',
  'out-of-memory',
  'disk-full',
  'file-descriptors-exhausted',
  'missing-configuration',
  'wrong-configuration',
  'instance-down',
  'traffic-surge',
] as const

export type CauseId = (typeof causeIds)[number]

/** Causes that the lab can bring about and that the catalogue of diagnosis has no entry for yet. */
export const uncataloguedCauseIds = [
  'time-out-mismatch',
  'cpu-saturation',
  'event-loop-blocked',
  'crash-loop',
  'retry-storm',
  'feature-flag',
  'clock-skew',
] as const

/** What may truly be behind an incident, whether or not a diagnosis can name it yet. */
export type TrueCauseId = CauseId | (typeof uncataloguedCauseIds)[number]
