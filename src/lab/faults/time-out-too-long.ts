import { defineFault } from './fault.ts'
import { configured, routeFails, routeSlowerThan } from './signs.ts'

export const timeOutTooLong = defineFault({
  name: 'time-out-too-long',
  kind: 'configuration',
  summary: 'The app waits longer for payment than its own callers wait for the app',
  where: 'PAYMENT_TIMEOUT_MS of the app',
  mechanism:
    'The time-out is raised past that of shoppers and load balancer; a share of the calls to payment hangs, as it now and then did before',
  symptoms: [
    'checkouts that hit a hanging call wait until the client gives up',
    'requests in flight and sockets pile up',
  ],
  causes: ['time-out-mismatch', 'dependency-slow', 'wrong-configuration'],
  levels: {
    mild: { timeOutMs: 60_000, hangingShare: 0.15 },
    normal: { timeOutMs: 60_000, hangingShare: 0.4 },
    hard: { timeOutMs: 600_000, hangingShare: 0.8 },
  },
  async inject(system, { parameters: { timeOutMs, hangingShare }, defer }) {
    const values = { PAYMENT_TIMEOUT_MS: String(timeOutMs) }
    defer(await system.configuration.set('app', values, { who: 'platform team' }))
    defer(() => system.wires.payment.set(null))
    await system.wires.payment.set({ kind: 'hang', share: hangingShare })
    return {
      truth: [
        {
          chain: [
            `a configuration change raised the time-out for payment to ${timeOutMs / 1000} s`,
            'shop',
            'the app still waits for payment when its caller has given up',
            'checkouts hang until they fail; what they hold is not free for others',
          ],
          service: 'shop',
        },
      ],
      signs: {
        isDisturbing: true,
        all: [configured('app', 'PAYMENT_TIMEOUT_MS', String(timeOutMs))],
        any: [routeSlowerThan(/checkout/, 4_000), routeFails(/checkout/, hangingShare * 0.3)],
      },
    }
  },
})
