import { defineFault } from './fault.ts'
import type { Fault } from './fault.ts'
import { deploy } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import { released, usersFeelNothing } from './signs.ts'

export function harmlessDeploy(makeRelease: MakeRelease): Fault {
  return defineFault({
    name: 'harmless-deploy',
    kind: 'control',
    summary: 'A release in which nothing is wrong',
    where: 'the app',
    mechanism: 'Some innocent commits are deployed, as on any day',
    symptoms: ['a deploy among the changes', 'users feel nothing'],
    causes: [],
    levels: { normal: {} },
    async inject(system, injection) {
      const { head } = await makeRelease(system, { fault: null, seed: injection.seed })
      await deploy(system, injection, head)
      return { truth: [], signs: { isDisturbing: true, all: [released(head), usersFeelNothing] } }
    },
  })
}
