import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { instancesCrashed, logged, memoryRose } from './signs.ts'
export function memoryLeak(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'memory-leak',
    summary: 'Memory grows until the process dies',
    mechanism: 'New code keeps something of every request for ever; V8 aborts at its heap limit',
    symptoms: [
      'memory of the instances rises',
      'garbage collection takes CPU',
      'instances die and come back',
    ],
    causes: ['memory-leak', 'out-of-memory', 'bad-release'],
    chain: [
      'new code keeps something of every request, until the heap is full',
      'instances die in turns; requests under way fail',
    ],
    signs: [memoryRose(/^app-\d+$/, 30), instancesCrashed(1), logged(/heap out of memory|heap limit/)],
  })
}
