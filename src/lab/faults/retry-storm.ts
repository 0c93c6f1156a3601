import { defineFault } from './fault.ts'
import { instancesOf } from './instances.ts'
import { rampUp } from './ramp.ts'
import type { Sign } from './signs.ts'

export const retryStorm = defineFault({
  name: 'retry-storm',
  kind: 'load',
  summary: 'Clients that retry at once keep the shop down after a stall that is long over',
  where: 'the shoppers and all instances of the app',
  mechanism:
    'Every client repeats a failed request up to three times at once; all instances stand still for some seconds; what piled up and the retries then are more than the machine carries',
  symptoms: [
    'requests per second are a multiple of what people do',
    'the trigger is over, the failures go on',
    'CPU at its limit',
  ],
  causes: ['retry-storm', 'traffic-surge', 'cpu-saturation'],
  levels: {
    mild: { stallSeconds: 6, ofCores: 0.4 },
    normal: { stallSeconds: 12, ofCores: 0.65 },
    hard: { stallSeconds: 20, ofCores: 0.8 },
  },
  async inject(system, { parameters: { stallSeconds, ofCores }, defer }) {
    const before = system.shoppers.perSecond
    defer(async () => {
      await system.shoppers.setProfile('everyday')
      await system.shoppers.setRate(before)
    })
    await system.shoppers.setProfile('impatient')
    await rampUp(system, { ofCores, p95Ms: 200 }) // a busy evening, which the shop still carries
    const instances = instancesOf(system).map((name) => system.processes.get(name))
    defer(() => instances.forEach((instance) => instance.resume()))
    for (const instance of instances) instance.pause()
    await system.sleep(stallSeconds * 1000)
    for (const instance of instances) instance.resume()
    return {
      truth: [
        {
          chain: [
            `all instances stood still for ${stallSeconds} s`,
            'balancer',
            'clients repeat every failed request at once, and the repeats keep the system over its limit',
            'failures and long waits go on after the stall is over',
          ],
          service: null,
        },
      ],
      signs: { all: [amplified] },
    }
  },
})

const amplified: Sign = ({ before, now, system }) => {
  const says = `${now.requestsPerSecond.toFixed(0)} requests/s end where ${system.shoppers.perSecond.toFixed(0)} begin, ${(now.errorRate * 100).toFixed(1)} % fail`
  const seen = now.errorRate > Math.max(0.02, before.errorRate) || now.p95Ms > Math.max(500, before.p95Ms * 2)
  return { seen, says }
}
