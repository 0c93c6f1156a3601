import type { Cause } from './cause.ts'
import { observed, placeOf, since, triggerOf } from './cause.ts'

export const lockContention: Cause = {
  id: 'lock-contention',
  title: "Transactions wait for each other's locks",
  symptoms: [
    'Writes to the same rows or tables wait, then time out or are chosen as deadlock victim',
    'Reads and other tables are healthy',
    'One long transaction, a migration or a batch job holds the lock',
  ],
  investigation: [
    {
      what: 'Who blocks whom (PostgreSQL)',
      command:
        'SELECT pid, pg_blocking_pids(pid), state, now() - xact_start AS transaction, query FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0;',
    },
    {
      what: 'Who blocks whom (MySQL)',
      command: 'SELECT * FROM sys.innodb_lock_waits; SHOW ENGINE INNODB STATUS;',
    },
    { what: 'Does a migration or a batch job run?', command: null },
  ],
  immediateFix: [
    'End the session that holds the lock: SELECT pg_terminate_backend(pid); on MySQL: KILL <id>',
    'Pause the job or migration that takes it',
  ],
  permanentFix: [
    'Make the transaction at {place} short: no calls to other services and no waiting for users inside it',
    'Take locks in one order everywhere; retry deadlock victims',
    'SET lock_timeout for migrations, and index CONCURRENTLY',
  ],
  verify: ['No session waits longer than a second for a lock', 'The lock errors do not appear any more'],
  prevention: [
    "lock_timeout for the application's role and a shorter one for migrations",
    'log_lock_waits on, with an alert',
    'A test that runs the conflicting operations at the same time',
  ],
  chain: (context) => [
    triggerOf(context, 'a transaction that holds its locks for long'),
    context.resource ?? placeOf(context, 'the locked rows'),
    observed(context, 'sessions-blocked', 'lock-wait-error') ??
      'others wait for the lock until they time out',
    context.impact,
  ],
  summary: (context) =>
    `Transactions wait for locks that others hold${since(context)}. ${observed(context, 'sessions-blocked', 'lock-wait-error') ?? context.impact}.`,
}
