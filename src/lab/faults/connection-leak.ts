import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { connectionsOver } from './signs.ts'
export function connectionLeak(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'connection-leak',
    summary: 'Database connections are not given back on an error path',
    mechanism: 'New code takes a connection out of the pool and forgets it when something goes wrong',
    symptoms: [
      'connections rise to the limit',
      'requests wait for a connection, then fail',
      'it begins small and ends with everything',
    ],
    causes: ['connection-leak', 'connections-exhausted'],
    chain: [
      'an error path keeps its database connection',
      'pools and then the database have no connection left: every request waits and fails',
    ],
    signs: [connectionsOver(0.6)],
  })
}
