import { defineFault } from './fault.ts'
import { startReportJob } from './report-job.ts'
import { usersFeelNothing } from './signs.ts'

export const unusedRouteSlow = defineFault({
  name: 'unused-route-slow',
  kind: 'control',
  summary: 'A report that no shopper opens takes very long',
  where: 'GET /reports/daily',
  mechanism:
    'A scheduled job asks for the daily report now and then; it is slow by nature, and no user waits for it',
  symptoms: ['one route has a long p95, with next to no requests', 'users feel nothing'],
  causes: [],
  levels: { normal: { everyMs: 20_000 } },
  async inject(system, { parameters: { everyMs }, defer }) {
    const job = startReportJob(system, everyMs)
    defer(() => job.stop())
    return {
      truth: [],
      signs: {
        all: [
          usersFeelNothing,
          () => ({ seen: job.answers > 0, says: `the report was answered ${job.answers} times` }),
        ],
      },
    }
  },
})
