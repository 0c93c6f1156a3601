import type { TrueCauseId } from '../../contract/causes.ts'
import { applyPart, together } from './combine.ts'
import { defineFault } from './fault.ts'
import type { Fault } from './fault.ts'
import { deploy } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'

/** A release goes out, and seconds later something else breaks: what changed last is not what is wrong. */
export function decoyDeploy(makeRelease: MakeRelease, faults: readonly [Fault, ...Fault[]]): Fault {
  return defineFault({
    name: 'decoy-deploy',
    kind: 'compound',
    summary: 'Seconds after a harmless release something else breaks',
    where: 'the app, and another part, drawn',
    mechanism:
      'A release of innocent commits is deployed; then a fault that has nothing to do with it is put in',
    symptoms: [
      'those of the other fault, right after a deploy',
      'going back to the release before changes nothing',
    ],
    causes: [...new Set<TrueCauseId>(faults.flatMap((fault) => fault.causes))],
    levels: { mild: { secondsBefore: 30 }, normal: { secondsBefore: 8 }, hard: { secondsBefore: 1 } },
    async inject(system, injection) {
      const { chance, parameters } = injection
      const { head } = await makeRelease(system, { fault: null, seed: chance.seedFor('release') })
      await deploy(system, injection, head)
      await system.sleep(parameters.secondsBefore * 1000)
      return together([await applyPart(system, chance.pick(faults), injection)])
    },
  })
}
