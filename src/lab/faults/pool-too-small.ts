import { defineFault } from './fault.ts'
import { startReportJob } from './report-job.ts'
import { configured, errorsOver, slowerThan } from './signs.ts'

export const poolTooSmall = defineFault({
  name: 'pool-too-small',
  kind: 'configuration',
  summary: "The app's pool of database connections is made too small",
  where: 'POOL_MAX and POOL_TIMEOUT_MS of the app',
  mechanism:
    'The instances restart with a pool that holds less than what they use at the same time; the report of accounting, which never hurt, now takes all of it while it runs',
  symptoms: [
    'requests wait for a connection that the database would have',
    'time-outs name the pool',
    'the database is idle',
  ],
  causes: ['pool-too-small', 'wrong-configuration'],
  levels: {
    mild: { poolMax: 2, waitMs: 2_000, reportEveryMs: 2_000 },
    normal: { poolMax: 1, waitMs: 1_000, reportEveryMs: 1_000 },
    hard: { poolMax: 1, waitMs: 200, reportEveryMs: 100 },
  },
  async inject(system, { parameters: { poolMax, waitMs, reportEveryMs }, defer }) {
    const values = { POOL_MAX: String(poolMax), POOL_TIMEOUT_MS: String(waitMs) }
    defer(await system.configuration.set('app', values, { who: 'platform team', gate: false }))
    const job = startReportJob(system, reportEveryMs)
    defer(() => job.stop())
    return {
      truth: [
        {
          chain: [
            `a configuration change made the pool ${poolMax}`,
            'shop',
            'requests queue for the few connections of their instance',
            'waits, and errors where the wait is over its limit',
          ],
          service: 'shop',
        },
      ],
      signs: {
        isDisturbing: true,
        all: [configured('app', 'POOL_MAX', String(poolMax))],
        any: [errorsOver(0.005), slowerThan(100)],
      },
    }
  },
})
