import type { TrueCauseId } from '../../contract/causes.ts'
import { applyPart, together } from './combine.ts'
import type { Part } from './combine.ts'
import { defineFault } from './fault.ts'
import type { Fault } from './fault.ts'

/** Two faults of different kinds. The pairs hit different parts, so that each is seen beside the other. */
export function twoAtOnce(pairs: readonly (readonly [Fault, Fault])[]): Fault {
  const [first, ...rest] = pairs
  if (first === undefined) throw new Error('expected at least one pair of faults')
  const causes = pairs.flat().flatMap((fault) => fault.causes)
  return defineFault({
    name: 'two-at-once',
    kind: 'compound',
    summary: 'Two faults that have nothing to do with each other',
    where: 'two parts of the system, drawn',
    mechanism: 'One fault after the other, each as it is in the catalogue',
    symptoms: ['those of both', 'mending one leaves the other'],
    causes: [...new Set<TrueCauseId>(causes)],
    levels: { mild: { pauseMs: 5_000 }, normal: { pauseMs: 1_000 }, hard: { pauseMs: 0 } },
    async inject(system, injection) {
      const pair = injection.chance.pick([first, ...rest])
      const parts: Part[] = []
      for (const fault of pair) {
        if (parts.length > 0) await system.sleep(injection.parameters.pauseMs)
        parts.push(await applyPart(system, fault, injection))
      }
      return together(parts)
    },
  })
}
