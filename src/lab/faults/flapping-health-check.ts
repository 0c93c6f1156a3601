import { defineFault } from './fault.ts'
import { drawInstances } from './instances.ts'
import { repeat } from './repeat.ts'
import { usersFeelNothing } from './signs.ts'

export const flappingHealthCheck = defineFault({
  name: 'flapping-health-check',
  kind: 'control',
  summary: 'The health check of a drained instance goes up and down',
  where: 'one instance of the app, drawn, which gets no requests',
  mechanism:
    'The instance is drained for maintenance, then stopped and continued in turns (SIGSTOP, SIGCONT)',
  symptoms: ['its health check fails and passes in turns', 'users feel nothing'],
  causes: [],
  levels: { normal: { everyMs: 6_000 } },
  async inject(system, { parameters: { everyMs }, chance, defer }) {
    const [name = 'app-1'] = drawInstances(system, chance, 1)
    const instance = system.processes.get(name)
    defer(() => system.balancer.restore(name, { who: 'platform team' }))
    await system.balancer.drain(name, { who: 'platform team' })
    await system.sleep(DRAINING_MS)
    const turns = repeat(system, everyMs, async (number) => {
      if (number % 2 === 0) instance.pause()
      else instance.resume()
      return 'again'
    })
    defer(async () => {
      await turns.stop()
      instance.resume()
    })
    return {
      truth: [],
      signs: {
        all: [
          usersFeelNothing,
          () => ({
            seen: turns.rounds >= 1,
            says: `${name} is drained, and was turned ${turns.rounds} times`,
          }),
          ({ system }) => {
            const drained = system.changes.since(0).some((change) => change.what === 'drain')
            return { seen: drained, says: drained ? `${name} was drained` : `${name} was not drained` }
          },
        ],
      },
    }
  },
})

/** What is under way in the instance ends before it stands still for the first time. */
const DRAINING_MS = 2_000
