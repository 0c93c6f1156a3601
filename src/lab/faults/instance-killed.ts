import { defineFault } from './fault.ts'
import { drawInstances } from './instances.ts'
import type { Sign } from './signs.ts'

export const instanceKilled = defineFault({
  name: 'instance-killed',
  kind: 'process',
  summary: 'Instances of the app are killed and stay down',
  where: 'instances of the app, drawn',
  mechanism: 'SIGKILL in the middle of what they were doing; the service manager does not bring them back',
  symptoms: [
    'requests that were under way fail',
    'the load balancer takes the instance out',
    'with most instances gone, the rest is slow',
  ],
  causes: ['instance-down'],
  levels: { mild: { instances: 1 }, normal: { instances: 2 }, hard: { instances: 3 } },
  async inject(system, { parameters, chance, defer }) {
    const names = drawInstances(system, chance, parameters.instances)
    for (const name of names) {
      const instance = system.processes.get(name)
      defer(async () => {
        if (instance.pid === null) await instance.restart()
      })
      instance.kill('SIGKILL')
      await instance.stop() // the one that the service manager put in its place, too
    }
    return {
      truth: [
        {
          chain: [
            `${names.join(' and ')} were killed`,
            'shop',
            'the processes are gone, and nothing starts them again',
            'their requests fail, the rest have more to carry',
          ],
          service: 'shop',
        },
      ],
      signs: { all: names.map(isDown) },
    }
  },
})

function isDown(name: string): Sign {
  return ({ system }) => {
    const pid = system.processes.get(name).pid
    return { seen: pid === null, says: pid === null ? `${name} is down` : `${name} runs as ${pid}` }
  }
}
