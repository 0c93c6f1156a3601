import { defineFault } from './fault.ts'
import { routeFails, routeSlowerThan } from './signs.ts'

export const paymentSlow = defineFault({
  name: 'payment-slow',
  kind: 'dependency',
  summary: 'The payment service answers late',
  where: 'the way from the app to payment',
  mechanism: 'What comes back from payment is held up on its way for a time that varies',
  symptoms: [
    'checkouts take as long as the delay',
    'past the time-out they fail',
    'all other routes are as before',
  ],
  causes: ['dependency-slow'],
  levels: {
    mild: { delayMs: 600, jitterMs: 200 },
    normal: { delayMs: 2_000, jitterMs: 500 },
    hard: { delayMs: 8_000, jitterMs: 2_000 },
  },
  async inject(system, { parameters: { delayMs, jitterMs }, defer }) {
    defer(() => system.wires.payment.set(null))
    await system.wires.payment.set({ kind: 'latency', ms: delayMs, jitterMs })
    return {
      truth: [
        {
          chain: [
            'the payment service became slow',
            'payment',
            `every answer of payment takes ${delayMs} ms longer`,
            'checkouts are slow, and fail where they run into the time-out',
          ],
          service: 'payment',
        },
      ],
      signs: {
        all: [],
        any: [routeSlowerThan(/checkout/, (delayMs - jitterMs) * 0.9), routeFails(/checkout/, 0.3)],
      },
    }
  },
})
