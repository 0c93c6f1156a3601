import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { cpuRose, errorsOver, slowerThan } from './signs.ts'
export function explodingRegex(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'exploding-regex',
    summary: 'A regular expression takes exponential time on some inputs',
    mechanism: 'New code matches what users type with a pattern that backtracks without end',
    symptoms: [
      'the event loop stands still for seconds',
      'all routes of an instance wait',
      'CPU of the app at its limit',
    ],
    causes: ['event-loop-blocked', 'cpu-saturation', 'bad-release'],
    chain: [
      'a pattern backtracks catastrophically on some inputs and blocks the event loop',
      'every request of the instance waits',
    ],
    signs: [slowerThan(150), cpuRose(/^app-\d+$/, 0.3), errorsOver(0.01)],
  })
}
