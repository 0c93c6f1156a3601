import { createChance } from './chance.ts'
import type { Chance, Seed } from './chance.ts'
import { applyPart, together } from './combine.ts'
import type { Part } from './combine.ts'
import { defineFault, faultLevels } from './fault.ts'
import type { Fault, FaultKind, FaultLevel } from './fault.ts'

/** What a seed stands for: nobody knows it but the one who drew it, and everybody can draw it again. */
export type Surprise = {
  /** Harmless things that are put in before, so that the last change is not always the culprit. */
  readonly decoys: readonly string[]
  readonly quietMs: number
  readonly fault: string
  readonly level: FaultLevel
}

/** How often a kind is drawn. Controls are among them: sometimes nothing is wrong. */
const SHARES: readonly (readonly [FaultKind, number])[] = [
  ['release', 0.36],
  ['database', 0.17],
  ['dependency', 0.13],
  ['process', 0.1],
  ['configuration', 0.09],
  ['load', 0.05],
  ['compound', 0.05],
  ['control', 0.05],
]

/** Draws kind, fault, level, timing and decoys. Each has a seed of its own, so that a longer catalogue moves little. */
export function drawSurprise(seed: Seed, catalogue: readonly Fault[]): Surprise {
  const part = (name: string): Chance => createChance(createChance(seed).seedFor(name))
  const kind = drawKind(part('kind').fraction())
  const [first, ...rest] = catalogue.filter((fault) => fault.kind === kind)
  if (first === undefined) throw new Error(`expected faults of kind ${kind} in the catalogue`)
  const fault = part('fault').pick([first, ...rest])
  const levels = faultLevels.filter((level) => fault.levels[level] !== undefined)
  const decoys = catalogue.filter(
    ({ name, kind }) => kind === 'control' && name !== fault.name && DECOYS.has(name),
  )
  const decoyCount = part('decoy count').pick([0, 0, 0, 1, 1, 2])
  return {
    decoys: part('decoys')
      .shuffle(decoys)
      .slice(0, kind === 'control' ? 0 : decoyCount)
      .map((decoy) => decoy.name),
    quietMs: part('timing').whole(0, 20_000),
    fault: fault.name,
    level: part('level').pick(['normal', ...levels]),
  }
}

/** Controls that can run beside a fault without hiding it. */
const DECOYS = new Set(['harmless-deploy', 'chatty-warnings', 'mail-slow', 'unused-route-slow'])

function drawKind(fraction: number): FaultKind {
  let sum = 0
  for (const [kind, share] of SHARES) {
    sum += share
    if (fraction < sum) return kind
  }
  return 'control'
}

/** The surprise as a fault of its own: it is put in, checked and taken back like any other. */
export function surprise(catalogue: readonly Fault[]): Fault {
  return defineFault({
    name: 'surprise',
    kind: 'compound',
    summary: 'Something, somewhere, some time soon: drawn from the seed',
    where: 'anywhere',
    mechanism:
      'A fault of the catalogue, its level, a pause before it and harmless things beside it, all drawn',
    symptoms: [],
    causes: [],
    levels: { normal: {} },
    async inject(system, injection) {
      const drawn = drawSurprise(injection.seed, catalogue)
      const find = (name: string): Fault[] => catalogue.filter((fault) => fault.name === name)
      const decoys: Part[] = []
      for (const decoy of drawn.decoys.flatMap(find)) {
        decoys.push(await applyPart(system, decoy, { ...injection, level: 'normal' }))
      }
      await system.sleep(drawn.quietMs)
      const parts: Part[] = []
      for (const fault of find(drawn.fault)) {
        parts.push(await applyPart(system, fault, { ...injection, level: drawn.level }))
      }
      // Decoys are on record; whether users feel nothing cannot be said beside a fault.
      const injected = together(parts)
      return { ...injected, parts: [...decoys.map((decoy) => decoy.name), ...(injected.parts ?? [])] }
    },
  })
}
