import { defineFault } from './fault.ts'
import { drawInstances } from './instances.ts'
import { preload } from './preload.ts'
import type { Sign } from './signs.ts'

/**
 * Date is shifted inside the process. The clock of the machine cannot be moved for one process without touching
 * others; timers and performance.now() go on, as they do when a real clock jumps.
 */
function hostAgent(offsetMs: number): string {
  return `const Real = Date
const offset = ${offsetMs}

globalThis.Date = class Date extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset)
    else super(...given)
  }
  static now() {
    return Real.now() + offset
  }
}
`
}

export const clockJump = defineFault({
  name: 'clock-jump',
  kind: 'process',
  summary: 'The clock of one instance of the app is wrong',
  where: 'one instance of the app, drawn',
  mechanism:
    'A module loaded before the program shifts Date in that process alone; the clock of the machine is not touched',
  symptoms: [
    'its log lines carry the wrong time',
    'what holds its times against those of others fails on it alone',
  ],
  causes: ['clock-skew'],
  levels: {
    mild: { offsetMinutes: -7 },
    normal: { offsetMinutes: 45 },
    hard: { offsetMinutes: 60 * 24 * 40 },
  },
  async inject(system, { parameters: { offsetMinutes }, chance, defer }) {
    const [name = 'app-1'] = drawInstances(system, chance, 1)
    const code = hostAgent(offsetMinutes * 60_000)
    defer(await preload(system, { name: 'host-agent.mjs', code, processes: [name] }))
    return {
      truth: [
        {
          chain: [
            `the clock of ${name} jumped by ${offsetMinutes} minutes`,
            'shop',
            'what the instance writes and sends carries a wrong time',
            'requests that depend on the time fail on this instance',
          ],
          service: 'shop',
        },
      ],
      signs: { isDisturbing: true, all: [tellsTime(name, offsetMinutes * 60_000)] },
    }
  },
})

/** A log line of the instance that is off by about as much. */
function tellsTime(name: string, offsetMs: number): Sign {
  return async ({ system, findLog }) => {
    const at = new Date(system.now() + offsetMs)
    // To the ten minutes: it is somewhat later than when the line was written. Days and hours must agree.
    const stamps = [0, -60_000, -120_000].map((earlier) =>
      new Date(at.getTime() + earlier).toISOString().slice(0, 16),
    )
    const line = await findLog(new RegExp(stamps.join('|')), [name])
    return {
      seen: line !== null,
      says: line ?? `no line of ${name} is dated ${at.toISOString().slice(0, 16)}`,
    }
  }
}
