import type { Cause } from './cause.ts'
import { observed, ofResource, triggerOf } from './cause.ts'

export const databaseDown: Cause = {
  id: 'database-down',
  title: 'The database does not answer',
  symptoms: [
    'Connections to the database are refused or break off',
    "Every route that needs the database fails; those that don't are healthy",
    'The server is starting, stopping, in recovery, failing over or read-only',
  ],
  investigation: [
    { what: 'Does it accept connections?', command: 'pg_isready -h HOST -p PORT' },
    {
      what: 'State and log of the server',
      command: 'systemctl status postgresql; journalctl -u postgresql -n 100',
    },
    {
      what: 'A managed database: events and failovers',
      command: 'aws rds describe-events --source-type db-instance --duration 60',
    },
    { what: 'Can the application reach it at all?', command: 'nc -vz HOST PORT' },
  ],
  immediateFix: [
    'Start the server at {resource} again, or fail over to the standby',
    'Show the maintenance page on the routes that need it',
  ],
  permanentFix: [
    "Find out in the server's log why it stopped (memory, disk, maintenance)",
    'Reconnect with growing pauses in the application, so that it recovers by itself',
  ],
  verify: [
    "pg_isready (or mysqladmin ping) succeeds from the application's machine",
    'The failing routes answer again without a restart',
  ],
  prevention: [
    'A standby with automatic failover, and a failover exercise each quarter',
    'An alert on the database itself, not only on its users',
    'A readiness probe that includes the database connection',
  ],
  chain: (context) => [
    triggerOf(context, 'the database server stopped or cannot be reached'),
    context.resource ?? 'the database',
    observed(context, 'database-unreachable-error') ?? 'connections are refused',
    context.impact,
  ],
  summary: (context) =>
    `The database${ofResource(context, 'at')} does not accept connections. ${observed(context, 'database-unreachable-error') ?? context.impact}.`,
}
