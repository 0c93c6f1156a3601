import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { anyRouteFails, errorsOver } from './signs.ts'
export function jsonMisread(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'json-misread',
    summary: 'JSON is read in another way than it was written',
    mechanism: 'New code reads a file or an answer with the wrong shape in mind',
    symptoms: ['routes that need what was read fail', 'the log names a TypeError or SyntaxError'],
    causes: ['bad-release', 'unhandled-input'],
    chain: ['new code reads JSON in a shape that it does not have', 'routes that need it fail'],
    signs: [anyRouteFails(0.05), errorsOver(0.005)],
  })
}
