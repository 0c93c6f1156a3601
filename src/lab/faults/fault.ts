import type { TrueCauseId } from '../../contract/causes.ts'
import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { LabSystem } from '../platform/lab-system.ts'
import { createChance } from './chance.ts'
import type { Chance, Seed } from './chance.ts'

export type FaultKind =
  | 'release'
  | 'database'
  | 'dependency'
  | 'process'
  | 'configuration'
  | 'load'
  | 'compound'
  | 'control'

/** How hard a fault hits. `normal` is what a drill uses; every fault has it. */
export const faultLevels = ['mild', 'normal', 'hard'] as const
export type FaultLevel = (typeof faultLevels)[number]

/** Numbers of one level, with their unit in the name: `{ delayMs: 800 }`. Shown in the catalogue as they are. */
export type LevelParameters = Readonly<Record<string, number | string>>

/**
 * What is truly behind it, for the scorer of a drill:
 *
 *     trigger ──► component ──► mechanism ──► symptom
 */
export type Truth = {
  readonly chain: readonly [trigger: string, component: string, mechanism: string, symptom: string]
  readonly cause: TrueCauseId
  /** Other answers that are as right. */
  readonly acceptable: readonly TrueCauseId[]
  readonly service: string | null
  /** The commit that brought it, in full. */
  readonly commit: string | null
}

export type FaultCheck = { readonly happened: boolean; readonly evidence: string }

/** A fault that is in the system now. */
export type AppliedFault = {
  /** One for each thing that is wrong; none for a control. */
  readonly truth: readonly Truth[]
  /** Looks at the system, not at what was asked of it: a fault that did not take hold does not pass. */
  check(): Promise<FaultCheck>
  /** Takes it back; what somebody else has mended meanwhile is left as it is. May be called once. */
  undo(): Promise<void>
}

/** One fault that is in the system. */
export type ActiveFault = {
  readonly name: string
  readonly level: FaultLevel
  readonly seed: Seed
  readonly since: EpochMs
  readonly until: EpochMs
}

/** One entry of the catalogue. */
export type Fault = {
  readonly name: string
  readonly kind: FaultKind
  /** One sentence for the list. */
  readonly summary: string
  /** The part of the system that it hits. */
  readonly where: string
  /** What really happens there. */
  readonly mechanism: string
  /** What must be seen of it from outside. */
  readonly symptoms: readonly string[]
  /** What a right diagnosis may say; empty for a control. */
  readonly causes: readonly TrueCauseId[]
  readonly levels: Readonly<Partial<Record<FaultLevel, LevelParameters>>>
  /** Refuses a level that it does not have, and what this machine cannot do, with `LAB_NOT_POSSIBLE`. */
  apply(system: LabSystem, options: FaultOptions): Promise<AppliedFault>
  /**
   * Heals what outlives the processes (an index, a password), whether or not the fault was there: for a lab that died
   * with the fault in it. Left out where nothing outlives them.
   */
  repair?(system: LabSystem): Promise<void>
}

export type FaultOptions = { readonly level: FaultLevel; readonly seed: Seed }

/** What an injector gets: the numbers of its level, and draws of its own. */
export type Injection<P extends LevelParameters> = {
  readonly parameters: P
  readonly level: FaultLevel
  readonly seed: Seed
  readonly chance: Chance
  readonly startedAt: EpochMs
}

export type FaultDefinition<P extends LevelParameters> = Omit<Fault, 'apply' | 'levels'> & {
  readonly levels: Readonly<Partial<Record<FaultLevel, P>>> & { readonly normal: P }
  inject(system: LabSystem, injection: Injection<P>): Promise<AppliedFault>
}

/** Makes a fault of its definition: the level is looked up in one place, and refused in one place. */
export function defineFault<P extends LevelParameters>(definition: FaultDefinition<P>): Fault {
  const { inject, ...entry } = definition
  return {
    ...entry,
    async apply(system, { level, seed }) {
      const parameters = definition.levels[level]
      if (parameters === undefined) throw unknownLevel(entry, level)
      return inject(system, { parameters, level, seed, chance: createChance(seed), startedAt: system.now() })
    },
  }
}

/** The level that a person named, or `normal`. Refuses what the fault does not have. */
export function readLevel(fault: Pick<Fault, 'name' | 'levels'>, text: string | undefined): FaultLevel {
  const level = faultLevels.find((known) => known === (text ?? 'normal'))
  if (level === undefined || fault.levels[level] === undefined) throw unknownLevel(fault, text ?? 'normal')
  return level
}

function unknownLevel(fault: Pick<Fault, 'name' | 'levels'>, level: string): AppError {
  const known = faultLevels.filter((name) => fault.levels[name] !== undefined)
  return new AppError('USAGE', `expected a level of ${fault.name} (${known.join(', ')}), found "${level}"`)
}
