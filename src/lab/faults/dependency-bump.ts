import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { anyRouteFails, errorsOver } from './signs.ts'
export function dependencyBump(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'dependency-bump',
    summary: 'A new version of a library breaks one call',
    mechanism: 'A bump of a library changes what one function takes or gives',
    symptoms: ['routes with that call fail', 'the log names a TypeError or a wrong value'],
    causes: ['bad-release'],
    chain: ['a library answers one call differently since its bump', 'routes with that call fail'],
    signs: [anyRouteFails(0.05), errorsOver(0.005)],
  })
}
