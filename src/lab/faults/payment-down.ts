import { defineFault } from './fault.ts'
import { logged, routeFails } from './signs.ts'

export const paymentDown = defineFault({
  name: 'payment-down',
  kind: 'dependency',
  summary: 'Nothing listens where the payment service was',
  where: 'the way from the app to payment',
  mechanism: 'Connections to payment are refused, those that were open are closed',
  symptoms: ['checkouts fail at once', 'the log names a refused connection'],
  causes: ['dependency-down'],
  levels: { normal: { refused: 'all' } },
  async inject(system, { defer }) {
    defer(() => system.wires.payment.set(null))
    await system.wires.payment.set({ kind: 'refuse' })
    return {
      truth: [
        {
          chain: [
            'the payment service went down',
            'payment',
            'connections to payment are refused',
            'every checkout fails at once',
          ],
          service: 'payment',
        },
      ],
      signs: {
        all: [routeFails(/checkout/, 0.5), logged(/ECONNREFUSED|ECONNRESET|socket hang up|fetch failed/)],
      },
    }
  },
})
