import { defineFault } from './fault.ts'
import { logged, routeFails } from './signs.ts'

export const paymentResets = defineFault({
  name: 'payment-resets',
  kind: 'dependency',
  summary: 'Connections to the payment service are reset',
  where: 'the way from the app to payment',
  mechanism: 'A share of the connections to payment gets a TCP reset as soon as the app has written to it',
  symptoms: ['that share of checkouts fails at once', 'the log names a reset connection'],
  causes: ['dependency-down'],
  // Connections that are spared are used again and again, so that a share of them spares more requests than that.
  levels: { mild: { share: 0.8 }, normal: { share: 1 } },
  async inject(system, { parameters: { share }, defer }) {
    defer(() => system.wires.payment.set(null))
    await system.wires.payment.set({ kind: 'reset', share })
    return {
      truth: [
        {
          chain: [
            'the network to payment began to cut connections',
            'payment',
            'connections are reset once the app has written to them',
            'checkouts fail at once',
          ],
          service: 'payment',
        },
      ],
      signs: {
        all: [
          routeFails(/checkout/, share === 1 ? 0.5 : 0.02),
          logged(/ECONNRESET|EPIPE|socket hang up|disconnected|fetch failed/),
        ],
      },
    }
  },
})
