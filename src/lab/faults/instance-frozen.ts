import { readFile } from 'node:fs/promises'
import { defineFault } from './fault.ts'
import { drawInstances } from './instances.ts'
import type { Sign } from './signs.ts'

export const instanceFrozen = defineFault({
  name: 'instance-frozen',
  kind: 'process',
  summary: 'Instances of the app stand still without ending',
  where: 'instances of the app, drawn',
  mechanism: 'SIGSTOP: connections are still accepted by the kernel, and nothing is ever answered',
  symptoms: ['requests to those instances hang', 'health checks run into their time-out', 'they log nothing'],
  causes: ['instance-down'],
  levels: { mild: { instances: 1 }, normal: { instances: 2 }, hard: { instances: 3 } },
  async inject(system, { parameters, chance, defer }) {
    const names = drawInstances(system, chance, parameters.instances)
    for (const name of names) {
      const instance = system.processes.get(name)
      const { pid } = instance
      defer(() => {
        if (instance.pid === pid) instance.resume() // a restarted one is not frozen
      })
      instance.pause()
    }
    return {
      truth: [
        {
          chain: [
            `${names.join(' and ')} froze`,
            'shop',
            'the processes stand still: they take connections and answer nothing',
            'requests to them hang until the balancer takes them out',
          ],
          service: 'shop',
        },
      ],
      signs: { all: names.map(standsStill) },
    }
  },
})

function standsStill(name: string): Sign {
  return async ({ system, now }) => {
    const pid = system.processes.get(name).pid
    const state = pid === null ? null : await stateOf(pid)
    const cpuCores = now.processes[name]?.cpuCores ?? 0
    // Without /proc: a process that serves requests uses some CPU, one that is stopped none at all.
    const seen = state === null ? pid !== null && cpuCores === 0 : state === 'T'
    return { seen, says: `${name} (${pid}) is in state ${state ?? 'unknown'}` }
  }
}

/** The letter of proc_pid_stat(5): `T` is stopped by a signal; null where there is no /proc. */
async function stateOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  } catch {
    return null
  }
}
