import type { Cause } from './cause.ts'
import { observed, placeOf, since, triggerOf } from './cause.ts'

export const idleInTransaction: Cause = {
  id: 'idle-in-transaction',
  title: 'Transactions are left open',
  symptoms: [
    'Sessions are idle in a transaction for seconds or minutes',
    'Their locks block others; their snapshots stop the clean-up of dead rows',
    'The server ends them: idle-in-transaction timeout',
  ],
  investigation: [
    {
      what: 'Which sessions, since when, after which statement?',
      command:
        "SELECT pid, application_name, now() - state_change AS idle, query FROM pg_stat_activity WHERE state = 'idle in transaction' ORDER BY 3 DESC;",
    },
    {
      what: 'The same on MySQL',
      command:
        'SELECT trx_mysql_thread_id, trx_started, trx_query FROM information_schema.innodb_trx ORDER BY trx_started;',
    },
    {
      what: 'Which path through the code begins a transaction and neither commits nor rolls back?',
      command: null,
    },
  ],
  immediateFix: [
    "End them: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND state_change < now() - interval '30 s'",
    'Set idle_in_transaction_session_timeout',
  ],
  permanentFix: [
    'Commit or roll back on every path at {place}, also when an exception passes',
    'Do slow work (calls to others, files) before the transaction begins or after it ends',
  ],
  verify: ['No session is idle in a transaction for over a second under load'],
  prevention: [
    'idle_in_transaction_session_timeout on the server',
    'Transactions only through a function that commits or rolls back by itself',
    'An alert on the age of the oldest transaction',
  ],
  chain: (context) => [
    triggerOf(context, 'a path that neither commits nor rolls back'),
    context.resource ?? placeOf(context, 'the database'),
    observed(context, 'sessions-idle-in-transaction', 'idle-transaction-ended') ??
      'open transactions keep their locks and connections',
    context.impact,
  ],
  summary: (context) =>
    `Transactions are left open${since(context)}. ${observed(context, 'sessions-idle-in-transaction', 'idle-transaction-ended') ?? context.impact}.`,
}
