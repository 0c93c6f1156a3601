import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { anyRouteFails, anyRouteSlower, errorsOver } from './signs.ts'
export function changedTimeOut(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'changed-time-out',
    summary: 'A time-out is changed',
    mechanism: 'New code waits for an answer too short a time, or far too long',
    symptoms: ['calls are given up that would have been answered', 'the log names a time-out'],
    causes: ['time-out-mismatch', 'bad-release', 'dependency-slow'],
    chain: [
      'new code waits for another time than its callers and callees count on',
      'requests that take a little longer fail',
    ],
    signs: [anyRouteFails(0.05), errorsOver(0.005), anyRouteSlower(500)],
  })
}
