import { defineFault } from './fault.ts'
import { drawInstances } from './instances.ts'
import { crashed } from './signs.ts'

export const crashCycle = defineFault({
  name: 'crash-cycle',
  kind: 'process',
  summary: 'Instances of the app crash soon after every start',
  where: 'instances of the app, drawn',
  mechanism:
    'They run with a heap limit that is too small to start with: V8 aborts, the service manager starts them again',
  symptoms: [
    'the instances come and go',
    'the log names a heap that is out of memory',
    'restarts are counted',
  ],
  causes: ['crash-loop', 'out-of-memory', 'wrong-configuration', 'instance-down'],
  levels: {
    mild: { instances: 1, heapMb: 8 },
    normal: { instances: 2, heapMb: 8 },
    hard: { instances: 3, heapMb: 8 },
  },
  async inject(system, { parameters: { instances, heapMb }, chance, defer }) {
    const names = drawInstances(system, chance, instances)
    for (const name of names) {
      const instance = system.processes.get(name)
      defer(() => instance.restart({ env: {}, nodeFlags: null }))
      await instance.restart({ nodeFlags: [`--max-old-space-size=${heapMb}`], waitUntilReady: false })
    }
    return {
      truth: [
        {
          chain: [
            `${names.join(' and ')} got a heap limit of ${heapMb} MB`,
            'shop',
            'the processes run out of heap while they start, and start again',
            'less capacity; requests that meet a dying instance fail',
          ],
          service: 'shop',
        },
      ],
      signs: { all: names.map((name) => crashed(name, 2)) },
    }
  },
})
