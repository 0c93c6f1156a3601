import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { queriesMultiplied } from './statements.ts'
export function nPlusOne(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'n-plus-one',
    summary: 'One query for each row of another',
    mechanism: 'New code asks the database once for every row of a list, in place of once',
    symptoms: ['one route is slow', 'the database answers a multiple of the queries'],
    causes: ['slow-query', 'bad-release'],
    chain: [
      'new code sends one query for each row of a list',
      'pages with lists are slow, the database is busy',
    ],
    signs: async (system) => [await queriesMultiplied(system)],
  })
}
