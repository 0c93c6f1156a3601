import type { Cause } from './cause.ts'
import { observed, placeOf, since, triggerOf } from './cause.ts'

export const slowQuery: Cause = {
  id: 'slow-query',
  title: 'Statements take too long',
  symptoms: [
    'Response times rise, then time-outs',
    'Statements run for seconds without waiting for a lock',
    'High CPU or reads on the database; the pool fills because each connection is held longer',
  ],
  investigation: [
    {
      what: 'What runs now, and for how long (PostgreSQL)',
      command:
        "SELECT pid, now() - query_start AS runs, wait_event_type, query FROM pg_stat_activity WHERE state = 'active' ORDER BY 2 DESC;",
    },
    {
      what: 'What runs now (MySQL)',
      command: 'SELECT * FROM information_schema.processlist WHERE time > 30 ORDER BY time DESC;',
    },
    {
      what: 'Turn on the slow-query log',
      command: "SET GLOBAL slow_query_log = 'ON'; SET GLOBAL long_query_time = 2;",
    },
    { what: 'Read the plan', command: 'EXPLAIN (ANALYZE, BUFFERS) STATEMENT;' },
  ],
  immediateFix: [
    'Cancel the long statements: SELECT pg_cancel_backend(pid); on MySQL: KILL QUERY <id>',
    'Switch off the feature that sends them',
    'Roll back where a release changed the statement',
  ],
  permanentFix: [
    'Add the index that the plan asks for, or rewrite the statement at {place}',
    'Bound result sets: LIMIT, pagination, no N+1',
    'Refresh statistics (ANALYZE) and check the plan again',
  ],
  verify: [
    'The statement takes under 100 ms at its 95th percentile',
    'EXPLAIN shows an index scan on the large table',
  ],
  prevention: [
    'Keep the slow-query log on, with an alert on new statements in it',
    "A statement_timeout for the application's role, shorter than the time-out of its requests",
    'Test with production-like row counts',
  ],
  chain: (context) => [
    triggerOf(context, 'a statement whose cost has grown with the data'),
    context.resource ?? placeOf(context, 'the database'),
    observed(context, 'statements-long-running', 'slow-query-logged', 'statement-timed-out') ??
      'statements run too long',
    context.impact,
  ],
  summary: (context) =>
    `Database statements take too long${since(context)}. ${observed(context, 'statement-timed-out', 'slow-query-logged', 'statements-long-running') ?? context.impact}.`,
}
