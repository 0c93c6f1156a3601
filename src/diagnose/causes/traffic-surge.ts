import type { Cause } from './cause.ts'
import { observed } from './cause.ts'

export const trafficSurge: Cause = {
  id: 'traffic-surge',
  title: 'More traffic than it can carry',
  symptoms: [
    'Requests per second rose well above normal just before the failures',
    'Everything becomes slow together; no single error explains it',
    'Nothing was released',
  ],
  investigation: [
    {
      what: 'Requests per minute, by route and by client',
      command: "awk '{print $1}' access.log | sort | uniq -c | sort -rn | head",
    },
    { what: 'One client, many clients, or our own retries?', command: null },
    { what: 'What saturates first: CPU, workers, pool, database?', command: 'top; ss -s' },
  ],
  immediateFix: ['Add instances', 'Limit the rate of the largest clients', 'Serve cached or reduced pages'],
  permanentFix: [
    'Scale out by itself on requests per second',
    'Shed load early: refuse what cannot be answered in time',
  ],
  verify: ['At the same load p95 stays within the objective'],
  prevention: [
    'A load test at three times the usual peak',
    'Rate limits per client at the door',
    'Capacity review before campaigns and seasons',
  ],
  chain: (context) => [
    observed(context, 'traffic-grows') ?? 'traffic rose',
    'the whole service',
    observed(context, 'latency-grows', 'pool-timed-out') ?? 'requests queue until they time out',
    context.impact,
  ],
  summary: (context) =>
    `More requests arrived than the service can carry. ${observed(context, 'traffic-grows') ?? context.impact}.`,
}
