import { defineFault } from './fault.ts'
import { rampUp } from './ramp.ts'
import type { Sign } from './signs.ts'

export const flashCrowd = defineFault({
  name: 'flash-crowd',
  kind: 'load',
  summary: 'Many more shoppers come at once',
  where: 'the shoppers',
  mechanism:
    'Arrivals rise step by step to what this machine just carries, and then by another factor; they keep coming whether or not the shop answers',
  symptoms: [
    'requests per second rise on every route',
    'CPU rises with them',
    'past what the machine carries, latency rises without end',
  ],
  causes: ['traffic-surge', 'cpu-saturation'],
  levels: { mild: { factor: 0.8 }, normal: { factor: 1.5 }, hard: { factor: 2.5 } },
  async inject(system, { parameters: { factor }, defer }) {
    const before = system.shoppers.perSecond
    defer(() => system.shoppers.setRate(before))
    const carried = await rampUp(system, { ofCores: 0.85, p95Ms: 400 })
    const crowd = Math.round(carried * factor)
    await system.shoppers.setRate(crowd)
    return {
      truth: [
        {
          chain: [
            `${(crowd / before).toFixed(1)} times as many shoppers came`,
            'balancer',
            'more requests arrive than the machine can work off',
            'latency rises on every route, at last requests time out',
          ],
          service: null,
        },
      ],
      signs: { all: [moreRequests(1.5)] },
    }
  },
})

function moreRequests(factor: number): Sign {
  return ({ before, now }) => ({
    seen: now.requestsPerSecond > before.requestsPerSecond * factor,
    says: `${now.requestsPerSecond.toFixed(0)} requests/s (before ${before.requestsPerSecond.toFixed(0)})`,
  })
}
