import type { Cause } from './cause.ts'
import { observed, ofResource, triggerOf } from './cause.ts'

export const connectionsExhausted: Cause = {
  id: 'connections-exhausted',
  title: 'The database has no connections left',
  symptoms: [
    'High number of connections at the database, near its limit',
    '"Too many connections" or "sorry, too many clients already", also for healthy programs',
    'More instances, larger pools or another client than usual',
  ],
  investigation: [
    {
      what: 'Connections against the limit (PostgreSQL)',
      command: "SELECT count(*), current_setting('max_connections') FROM pg_stat_activity;",
    },
    {
      what: 'Connections against the limit (MySQL)',
      command: "SHOW STATUS LIKE 'Threads_connected'; SHOW VARIABLES LIKE 'max_connections';",
    },
    {
      what: 'Who holds them?',
      command:
        'SELECT application_name, usename, client_addr, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC;',
    },
    { what: 'Instances × pool size: does it exceed the limit?', command: null },
  ],
  immediateFix: [
    'End idle sessions of the largest holder at {resource}',
    'Scale that client in, or make its pool smaller',
    'Raise max_connections where memory allows it (PostgreSQL needs a restart)',
  ],
  permanentFix: [
    'Put a pooler (PgBouncer, RDS Proxy, ProxySQL) between instances and database',
    'Bound each client by its own role: ALTER ROLE … CONNECTION LIMIT',
  ],
  verify: ['Connections stay under 80 % of the limit at peak', 'New connections are accepted at once'],
  prevention: [
    'An alert at 80 % of the connection limit',
    'A check at deploy time: instances × pool size + reserve under the limit',
    'Connection limits per role, so that one client cannot starve the others',
  ],
  chain: (context) => [
    triggerOf(
      context,
      observed(context, 'traffic-grows') ?? 'more clients or larger pools than the database allows',
    ),
    context.resource ?? 'the database',
    observed(context, 'too-many-connections', 'database-connections-high', 'database-probe-refused') ??
      'all connections are taken; new ones are refused',
    context.impact,
  ],
  summary: (context) =>
    `The database${ofResource(context, 'at')} accepts no more connections. ${observed(context, 'database-connections-high', 'too-many-connections') ?? context.impact}.`,
}
