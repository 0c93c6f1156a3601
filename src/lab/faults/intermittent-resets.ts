import { defineFault } from './fault.ts'
import { repeat } from './repeat.ts'
import { logged, routeFails } from './signs.ts'

export const intermittentResets = defineFault({
  name: 'intermittent-resets',
  kind: 'compound',
  summary: 'Connections to payment are reset for some seconds, then all is well, then again',
  where: 'the way from the app to payment',
  mechanism: 'Resets come and go, for times that the seed draws, so that each look may meet a healthy system',
  symptoms: ['checkouts fail in bursts', 'between the bursts nothing is wrong'],
  causes: ['dependency-down'],
  levels: {
    mild: { badSeconds: 3, goodSeconds: 30 },
    normal: { badSeconds: 6, goodSeconds: 15 },
    hard: { badSeconds: 12, goodSeconds: 8 },
  },
  async inject(system, { parameters: { badSeconds, goodSeconds }, chance, defer }) {
    const { payment } = system.wires
    const drawn = (seconds: number): number => seconds * 1000 * (0.5 + chance.fraction())
    const bursts = repeat(system, 0, async () => {
      await payment.set({ kind: 'reset' })
      await system.sleep(drawn(badSeconds))
      await payment.set(null)
      await system.sleep(drawn(goodSeconds))
      return 'again'
    })
    defer(async () => {
      await payment.set(null)
      bursts.stop().then(
        () => payment.set(null),
        () => {},
      ) // not waited for: a pause may be long
    })
    return {
      truth: [
        {
          chain: [
            'the network to payment became unsteady',
            'payment',
            'for some seconds each connection is reset, then all work again',
            'checkouts fail in bursts',
          ],
          service: 'payment',
        },
      ],
      signs: {
        all: [
          routeFails(/checkout/, 0.05),
          logged(/ECONNRESET|EPIPE|socket hang up|disconnected|fetch failed/),
        ],
      },
    }
  },
})
