import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { anyRouteFails, errorsLogged } from './signs.ts'
export function unforeseenInput(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'unforeseen-input',
    summary: 'An input that nobody thought of makes a route fail',
    mechanism: 'New code handles what tests send, and throws at what some users send',
    symptoms: ['requests with that input fail, all others work', 'the log names a TypeError or RangeError'],
    causes: ['unhandled-input', 'bad-release'],
    chain: ['new code throws at an input that it does not expect', 'some requests of one route always fail'],
    signs: [anyRouteFails(0.01), errorsLogged(3)],
  })
}
