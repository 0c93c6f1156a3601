import type { Cause } from './cause.ts'
import { observed, ofResource, triggerOf } from './cause.ts'

export const poolTooSmall: Cause = {
  id: 'pool-too-small',
  title: 'The connection pool is too small for the load',
  symptoms: [
    'Waiting for the pool times out under load and recovers when the load falls',
    'The database has connections to spare and its statements are quick',
    'The size or time-out of the pool was changed, or traffic has grown',
  ],
  investigation: [
    { what: 'Pool size × instances, against the limit of the database', command: 'SHOW max_connections;' },
    {
      what: "Needed size = requests per second × seconds that each holds a connection (Little's law)",
      command: null,
    },
    {
      what: 'Who changed the limit?',
      command:
        'git log -p -G"pool_?size|max_?connections|maximumPoolSize|connectionLimit|acquire" PREVIOUS..FAILING',
    },
  ],
  immediateFix: [
    'Set the pool size and its time-out back to what they were before {commit}',
    'Add instances, as long as their pools together stay under the limit of the database',
  ],
  permanentFix: [
    'Choose the size from requests per second × holding time, with half again in reserve',
    'Hold connections for less time: no calls to other services while one is held',
  ],
  verify: [
    'At peak load, waiting for the pool stays under 10 ms at the 99th percentile',
    'Connections at the database stay under 80 % of the limit',
  ],
  prevention: [
    'Keep pool size, instances and database limit in one place, with a check that their product fits',
    'An alert on the time that requests wait for the pool, before they fail',
    'A load test at the expected peak whenever a limit changes',
  ],
  chain: (context) => [
    triggerOf(context, observed(context, 'traffic-grows') ?? 'more load than the pool was made for'),
    `the connection pool${ofResource(context, 'to')}`,
    observed(context, 'pool-timed-out') ?? 'requests wait for a free connection until they time out',
    context.impact,
  ],
  summary: (context) =>
    `More requests need a connection${ofResource(context, 'to')} than the pool holds${context.commit === null ? '' : `, since ${triggerOf(context, '')} changed its limits`}. ${observed(context, 'pool-timed-out') ?? context.impact}.`,
}
