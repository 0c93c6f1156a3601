import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { anyRouteFails } from './signs.ts'
export function randomFailures(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'random-failures',
    summary: 'Half of the requests to one route fail by chance',
    mechanism: 'New code throws where a random number is below one half',
    symptoms: [
      'half of the requests of the route fail, for every input',
      'the same request succeeds when it is sent again',
    ],
    causes: ['nondeterministic-failure', 'bad-release'],
    chain: [
      'new code on the path of a request throws by chance',
      'about half of the requests of one route fail',
    ],
    signs: [anyRouteFails(0.2)],
  })
}
