import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { cpuRose, errorsOver, slowerThan } from './signs.ts'
export function blockedEventLoop(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'blocked-event-loop',
    summary: 'Synchronous work blocks the event loop',
    mechanism: 'New code does long work in one go while all other requests wait',
    symptoms: ['all routes of an instance wait, not only the new one', 'CPU of the app rises'],
    causes: ['event-loop-blocked', 'cpu-saturation', 'bad-release'],
    chain: ['new code works synchronously on the path of a request', 'every request of the instance waits'],
    signs: [slowerThan(80), cpuRose(/^app-\d+$/, 0.3), errorsOver(0.01)],
  })
}
