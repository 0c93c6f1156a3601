import type { CauseId } from '../../contract/causes.ts'
import type { Cause } from './cause.ts'
import { authenticationFailed } from './authentication-failed.ts'
import { badRelease } from './bad-release.ts'
import { certificateExpired } from './certificate-expired.ts'
import { certificateUntrusted } from './certificate-untrusted.ts'
import { connectionLeak } from './connection-leak.ts'
import { connectionsExhausted } from './connections-exhausted.ts'
import { databaseDown } from './database-down.ts'
import { dependencyDown } from './dependency-down.ts'
import { dependencySlow } from './dependency-slow.ts'
import { diskFull } from './disk-full.ts'
import { fileDescriptorsExhausted } from './file-descriptors-exhausted.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { instanceDown } from './instance-down.ts'
import { lockContention } from './lock-contention.ts'
import { memoryLeak } from './memory-leak.ts'
import { missingConfiguration } from './missing-configuration.ts'
import { missingIndex } from './missing-index.ts'
import { nameResolution } from './name-resolution.ts'
import { nondeterministicFailure } from './nondeterministic-failure.ts'
import { outOfMemory } from './out-of-memory.ts'
import { poolTooSmall } from './pool-too-small.ts'
import { rateLimited } from './rate-limited.ts'
import { schemaMismatch } from './schema-mismatch.ts'
import { slowQuery } from './slow-query.ts'
import { trafficSurge } from './traffic-surge.ts'
import { unhandledInput } from './unhandled-input.ts'
import { wrongConfiguration } from './wrong-configuration.ts'

/** All causes by id. Adding one is adding a file, a line here, an id in contract/causes.ts and a row in weights.ts. */
export const catalogue: Readonly<Record<CauseId, Cause>> = {
  'nondeterministic-failure': nondeterministicFailure,
  'bad-release': badRelease,
  'unhandled-input': unhandledInput,
  'connection-leak': connectionLeak,
  'pool-too-small': poolTooSmall,
  'connections-exhausted': connectionsExhausted,
  'slow-query': slowQuery,
  'missing-index': missingIndex,
  'lock-contention': lockContention,
  'idle-in-transaction': idleInTransaction,
  'database-down': databaseDown,
  'schema-mismatch': schemaMismatch,
  'dependency-down': dependencyDown,
  'dependency-slow': dependencySlow,
  'name-resolution': nameResolution,
  'certificate-expired': certificateExpired,
  'certificate-untrusted': certificateUntrusted,
  'rate-limited': rateLimited,
  'authentication-failed': authenticationFailed,
  'memory-leak': memoryLeak,
  'out-of-memory': outOfMemory,
  'disk-full': diskFull,
  'file-descriptors-exhausted': fileDescriptorsExhausted,
  'missing-configuration': missingConfiguration,
  'wrong-configuration': wrongConfiguration,
  'instance-down': instanceDown,
  'traffic-surge': trafficSurge,
}
