import { availableParallelism, tmpdir } from 'node:os'
import { startChild } from '../../child-process.ts'
import { startGuard } from '../../process-guard.ts'
import { defineFault } from './fault.ts'
import { cpuTimeOf } from './process-time.ts'

/** What a neighbour would run: compresses noise for ever. */
const BATCH = `const { gzipSync } = require('node:zlib'); const { randomBytes } = require('node:crypto')
for (let block = randomBytes(1 << 20); ; ) block = Buffer.concat([gzipSync(block, { level: 9 }), block]).subarray(0, 1 << 20)`

export const noisyNeighbour = defineFault({
  name: 'noisy-neighbour',
  kind: 'process',
  summary: 'Somebody else on the machine takes the CPU',
  where: 'the machine',
  mechanism:
    'Processes that do not belong to the shop compress without end; the scheduler shares the cores among all',
  symptoms: [
    'every route is slower',
    'the load of the machine is over its cores',
    "the shop's own processes use no more CPU than before",
  ],
  causes: ['cpu-saturation'],
  levels: { mild: { perCore: 1 }, normal: { perCore: 4 }, hard: { perCore: 10 } },
  async inject(system, { parameters: { perCore }, defer }) {
    const guard = startGuard()
    defer(() => guard.release())
    const count = perCore * availableParallelism()
    const pids: number[] = []
    for (let number = 0; number < count; number += 1) {
      const marker = `batch-${process.pid}-${system.now()}-${number}`
      const child = await startChild({
        command: [process.execPath, '--title=batch-export', '-e', BATCH],
        cwd: tmpdir(),
        env: {},
        marker,
        onOutput: () => {},
      })
      guard.endWithUs({ marker, root: child.pid })
      defer(async () => void (await child.stop(0)))
      pids.push(child.pid)
    }
    const startedAt = system.now()
    return {
      truth: [
        {
          chain: [
            `${count} batch processes of somebody else started on the machine`,
            'host',
            'they compete for the cores with the shop',
            'every route is slower',
          ],
          service: null,
        },
      ],
      signs: {
        all: [
          async () => {
            const seconds = (await Promise.all(pids.map(cpuTimeOf))).reduce((sum, one) => sum + one, 0)
            const cores = seconds / Math.max(1, (system.now() - startedAt) / 1000)
            const says = `${count} neighbours use ${cores.toFixed(2)} cores`
            return { seen: cores > 0.3, says }
          },
        ],
      },
    }
  },
})
