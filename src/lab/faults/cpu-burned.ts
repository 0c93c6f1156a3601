import { defineFault } from './fault.ts'
import { instancesOf } from './instances.ts'
import { preload } from './preload.ts'
import { cpuRose, slowerThan } from './signs.ts'

/** Key stretching on the event loop, once a request, as an agent that seals an audit trail might do. */
function auditAgent(rounds: number): string {
  return `import { pbkdf2Sync } from 'node:crypto'
import { Server } from 'node:http'

const { emit } = Server.prototype
let seal = 'audit'

Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'request' && request.url !== '/health') {
    seal = pbkdf2Sync(seal + request.url, 'audit', ${rounds}, 32, 'sha512').toString('hex')
  }
  return emit.call(this, event, request, ...rest)
}
`
}

export const cpuBurned = defineFault({
  name: 'cpu-burned',
  kind: 'process',
  summary: 'Every request costs the app far more CPU than it should',
  where: 'all instances of the app',
  mechanism: 'An agent loaded beside the app stretches a key on the event loop for every request but /health',
  symptoms: [
    'the instances use as much CPU as they get',
    'everything is slow, at last requests time out',
    'no errors of its own',
  ],
  causes: ['cpu-saturation', 'event-loop-blocked'],
  // Some 0.5 µs a round: 4, 12 and 40 ms a request on the machine it was made on.
  levels: { mild: { rounds: 8_000 }, normal: { rounds: 24_000 }, hard: { rounds: 80_000 } },
  async inject(system, { parameters: { rounds }, defer }) {
    const processes = instancesOf(system)
    defer(await preload(system, { name: 'audit-agent.mjs', code: auditAgent(rounds), processes }))
    return {
      truth: [
        {
          chain: [
            'an audit agent was put beside the app',
            'shop',
            `it computes ${rounds} rounds of SHA-512 on the event loop for every request`,
            'CPU at its limit, all routes slow',
          ],
          service: 'shop',
        },
      ],
      signs: { isDisturbing: true, all: [], any: [cpuRose(/^app-\d+$/, 0.3), slowerThan(100)] },
    }
  },
})
