import { defineFault } from './fault.ts'
import { anyRouteSlower, configured, errorsOver, slowerThan } from './signs.ts'

export const poolTooSmall = defineFault({
  name: 'pool-too-small',
  kind: 'configuration',
  summary: "The app's pool of database connections is made too small",
  where: 'POOL_MAX and POOL_TIMEOUT_MS of the app',
  mechanism: 'The instances restart with a pool that holds less than what they use at the same time',
  symptoms: [
    'requests wait for a connection that the database would have',
    'time-outs name the pool',
    'the database is idle',
  ],
  causes: ['pool-too-small', 'wrong-configuration'],
  levels: {
    mild: { poolMax: 1, waitMs: 1_000, factor: 1 },
    normal: { poolMax: 1, waitMs: 200, factor: 2 },
    hard: { poolMax: 1, waitMs: 50, factor: 3 },
  },
  async inject(system, { parameters: { poolMax, waitMs, factor }, defer }) {
    const values = { POOL_MAX: String(poolMax), POOL_TIMEOUT_MS: String(waitMs) }
    defer(await system.configuration.set('app', values, { who: 'platform team', gate: false }))
    const before = system.shoppers.perSecond
    const evening = before * factor
    defer(async () => {
      if (system.shoppers.perSecond === evening) await system.shoppers.setRate(before)
    })
    if (factor !== 1) await system.shoppers.setRate(evening)
    return {
      truth: [
        {
          chain: [
            `a configuration change made the pool ${poolMax}`,
            'shop',
            'requests queue for the one connection of their instance',
            'waits, and errors where the wait is over its limit',
          ],
          service: 'shop',
        },
      ],
      signs: {
        isDisturbing: true,
        all: [configured('app', 'POOL_MAX', String(poolMax))],
        any: [errorsOver(0.002), anyRouteSlower(40), slowerThan(60)],
      },
    }
  },
})
