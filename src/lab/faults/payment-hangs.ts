import { defineFault } from './fault.ts'
import { routeFails, routeSlowerThan } from './signs.ts'

export const paymentHangs = defineFault({
  name: 'payment-hangs',
  kind: 'dependency',
  summary: 'The payment service takes connections and never answers',
  where: 'the way from the app to payment',
  mechanism:
    'Connections to payment are accepted, and no byte ever comes back on the share of them that is hit',
  symptoms: ['checkouts wait for the whole time-out and then fail', 'requests in flight pile up'],
  causes: ['dependency-slow', 'dependency-down'],
  levels: { mild: { share: 0.4 }, normal: { share: 1 } },
  async inject(system, { parameters: { share }, defer }) {
    defer(() => system.wires.payment.set(null))
    await system.wires.payment.set({ kind: 'hang', share })
    return {
      truth: [
        {
          chain: [
            'the payment service stopped answering',
            'payment',
            'connections are accepted, and no answer ever comes',
            'checkouts wait for the time-out, then fail',
          ],
          service: 'payment',
        },
      ],
      signs: { all: [], any: [routeFails(/checkout/, share * 0.3), routeSlowerThan(/checkout/, 1_500)] },
    }
  },
})
