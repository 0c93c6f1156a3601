import type { Cause } from './cause.ts'
import { observed, ofResource, placeOf, since, triggerOf } from './cause.ts'

export const connectionLeak: Cause = {
  id: 'connection-leak',
  title: 'Connections are taken and not given back',
  symptoms: [
    'It works for a while after the start or release, then nearly everything waits for a connection and fails',
    'Waiting for the pool times out in code that has nothing to do with the leak',
    'On the database, sessions sit idle or idle in a transaction, and their number only rises; a restart helps for a while',
  ],
  investigation: [
    {
      what: 'Are sessions idle while the pool says that none is free?',
      command: 'SELECT state, count(*), max(now() - state_change) FROM pg_stat_activity GROUP BY state;',
    },
    {
      what: 'The same on MySQL or MariaDB',
      command:
        "SHOW STATUS LIKE 'Threads_connected'; SELECT * FROM information_schema.processlist WHERE command = 'Sleep' ORDER BY time DESC;",
    },
    {
      what: 'What was the last statement of the idle sessions? It names the leaking code',
      command:
        "SELECT query, count(*) FROM pg_stat_activity WHERE state LIKE 'idle%' GROUP BY query ORDER BY 2 DESC;",
    },
    {
      what: 'Which commit removed a close, release, with, finally, defer or using?',
      command: 'git log -p -G"close\\(|release\\(|finally|defer|with " PREVIOUS..FAILING',
    },
  ],
  immediateFix: [
    'Roll back to the release before {commit}',
    'Restart the instances one after the other: it frees the connections for a while',
    "End the idle sessions: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state LIKE 'idle%'; on MySQL: KILL <id>",
  ],
  permanentFix: [
    'Give the connection back on every path at {place}: with / try-with-resources / using / defer / finally',
    'Bound the damage: leak detection in the pool, a limit on idle time in a transaction on the server',
  ],
  verify: [
    'Under load the number of connections goes up and comes back down',
    'No wait for the pool times out over ten times the time that it took before',
  ],
  prevention: [
    'Turn on the leak detection of the pool (leakDetectionThreshold, pool_pre_ping with echo_pool, idleTimeout) in tests and in production',
    'A load test with a pool of two connections in the pipeline: a leak then fails in seconds',
    'An alert when connections in use stay over 80 % of the pool for a minute',
    'idle_in_transaction_session_timeout (PostgreSQL) or wait_timeout (MySQL) on the server as a safety net',
  ],
  chain: (context) => [
    triggerOf(context, 'code that does not give connections back'),
    context.resource === null
      ? placeOf(context, 'the connection pool')
      : `connections to ${context.resource}`,
    observed(
      context,
      'commit-stopped-releasing',
      'resource-not-released',
      'connection-leak-reported',
      'sessions-idle-in-transaction',
      'database-connections-grow',
    ) ?? 'each use keeps a connection, until none is left',
    context.impact,
  ],
  summary: (context) =>
    `Connections${ofResource(context, 'to')} are not given back at ${placeOf(context)}${since(context)}; when none is left, every request that needs one fails, whatever code it runs. ${observed(context, 'pool-timed-out', 'too-many-connections', 'failures-grow') ?? context.impact}.`,
}
