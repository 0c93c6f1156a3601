import { defineFault } from './fault.ts'
import type { Sign } from './signs.ts'

export const flashCrowd = defineFault({
  name: 'flash-crowd',
  kind: 'load',
  summary: 'Many more shoppers come at once',
  where: 'the shoppers',
  mechanism: 'Arrivals per second are multiplied; they keep coming whether or not the shop answers',
  symptoms: [
    'requests per second rise on every route',
    'CPU rises with them',
    'past what the machine carries, latency rises without end',
  ],
  causes: ['traffic-surge', 'cpu-saturation'],
  levels: { mild: { factor: 2 }, normal: { factor: 5 }, hard: { factor: 10 } },
  async inject(system, { parameters: { factor }, defer }) {
    const before = system.shoppers.perSecond
    const crowd = before * factor
    defer(async () => {
      if (system.shoppers.perSecond === crowd) await system.shoppers.setRate(before)
    })
    await system.shoppers.setRate(crowd)
    return {
      truth: [
        {
          chain: [
            `${factor} times as many shoppers came`,
            'balancer',
            'more requests arrive than the machine can work off',
            'latency rises on every route, at last requests time out',
          ],
          service: null,
        },
      ],
      signs: { all: [moreRequests(Math.min(1.5, 1 + (factor - 1) / 4))] },
    }
  },
})

function moreRequests(factor: number): Sign {
  return ({ before, now }) => ({
    seen: now.requestsPerSecond > before.requestsPerSecond * factor,
    says: `${now.requestsPerSecond.toFixed(0)} requests/s (before ${before.requestsPerSecond.toFixed(0)})`,
  })
}
