import { defineFault } from './fault.ts'
import type { TruthDetails } from './fault.ts'
import { anyRouteFails, anyRouteSlower, cpuRose, routeFails } from './signs.ts'

/** Flags of the shop whose code is there and not ready, with what they do when everybody gets them. */
const UNREADY: readonly [Unready, ...Unready[]] = [
  {
    flag: 'also-bought',
    mechanism: 'every product page runs a query that reads all items of all orders',
    symptom: 'product pages are slow, the database is busy',
    causes: ['feature-flag', 'slow-query', 'missing-index'],
  },
  {
    flag: 'one-step-checkout',
    mechanism: 'checkouts read a table that does not exist yet',
    symptom: 'every checkout fails',
    causes: ['feature-flag', 'schema-mismatch'],
  },
]

type Unready = {
  readonly flag: string
  readonly mechanism: string
  readonly symptom: string
  readonly causes: NonNullable<TruthDetails['causes']>
}

export const flagForEveryone = defineFault({
  name: 'flag-for-everyone',
  kind: 'configuration',
  summary: 'A feature that is not ready is switched on for everyone',
  where: 'feature flags of the app',
  mechanism:
    'A flag, drawn among those whose code is not ready, is switched on in the flags file; no release, no restart',
  symptoms: ['one route becomes slow, or fails', 'it begins with a change of a flag'],
  causes: ['feature-flag', 'slow-query', 'missing-index', 'schema-mismatch'],
  levels: { normal: { flags: 1 }, hard: { flags: 2 } },
  async inject(system, { parameters, chance, defer }) {
    const [first, ...rest] = UNREADY
    const drawn = parameters.flags > 1 ? UNREADY : [chance.pick([first, ...rest])]
    for (const { flag } of drawn) {
      const before = system.flags.get(flag)
      defer(() => system.flags.set(flag, before, { who: 'product team' }))
      await system.flags.set(flag, true, { who: 'product team' })
    }
    return {
      truth: drawn.map(({ flag, mechanism, symptom, causes }) => ({
        chain: [`the flag ${flag} was switched on for everyone`, 'shop', mechanism, symptom] as const,
        service: 'shop',
        causes,
      })),
      signs: {
        all: drawn.map(({ flag }) => ({ system }) => {
          const isOn = system.flags.get(flag)
          return { seen: isOn, says: `the flag ${flag} is ${isOn ? 'on' : 'off'}` }
        }),
        any: [
          routeFails(/checkout/, 0.3),
          anyRouteFails(0.2),
          anyRouteSlower(30),
          cpuRose(/^postgres$/, 0.1),
        ],
      },
    }
  },
})
