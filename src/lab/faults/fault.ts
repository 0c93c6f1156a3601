import type { TrueCauseId } from '../../contract/causes.ts'
import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { LabSystem } from '../platform/lab-system.ts'
import { createChance } from './chance.ts'
import type { Chance, Seed } from './chance.ts'
import { observe } from './signs.ts'
import type { FaultCheck, Signs } from './signs.ts'

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

/** A fault that is in the system now. */
export type AppliedFault = {
  /** One for each thing that is wrong; none for a control. */
  readonly truth: readonly Truth[]
  /** The faults that it is made of, `name (level)`; empty for one of its own. */
  readonly parts: readonly string[]
  /** Looks at the system, not at what was asked of it: a fault that did not take hold does not pass. */
  check(): Promise<FaultCheck>
  /** Takes it back; what somebody else has mended meanwhile is left as it is. May be called once. */
  undo(): Promise<void>
}

/** One fault that is in the system, as it is listed. */
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
  /** What a right diagnosis may say, the best answer first; empty for a control. */
  readonly causes: readonly TrueCauseId[]
  readonly levels: Readonly<Partial<Record<FaultLevel, LevelParameters>>>
  /** Refuses a level that it does not have, and with `LAB_NOT_POSSIBLE` what this machine cannot do. */
  apply(system: LabSystem, options: FaultOptions): Promise<AppliedFault>
}

export type FaultOptions = { readonly level: FaultLevel; readonly seed: Seed }

/** What an injector gets: the numbers of its level, draws of its own, and a place for what takes its steps back. */
export type Injection<P extends LevelParameters> = {
  readonly parameters: P
  readonly level: FaultLevel
  readonly seed: Seed
  readonly chance: Chance
  /** Called in reverse order when the fault is taken back, and when the injector fails half-way. */
  readonly defer: (undo: () => Promise<void> | void) => void
}

export type Injected = {
  /** Causes are the fault's own unless told. */
  readonly truth: readonly TruthDetails[]
  readonly signs: Signs
  /** The faults that it is made of, where it is made of others. */
  readonly parts?: readonly string[]
}

export type TruthDetails = Pick<Truth, 'chain' | 'service'> & {
  readonly commit?: string
  readonly causes?: readonly [TrueCauseId, ...TrueCauseId[]]
}

export type FaultDefinition<P extends LevelParameters> = Omit<Fault, 'apply' | 'levels'> & {
  readonly levels: Readonly<Partial<Record<FaultLevel, P>>> & { readonly normal: P }
  readonly inject: (system: LabSystem, injection: Injection<P>) => Promise<Injected>
}

/** Makes a fault of its definition: levels, observing and taking back are the same for all. */
export function defineFault<P extends LevelParameters>(definition: FaultDefinition<P>): Fault {
  const { inject, ...entry } = definition
  return {
    ...entry,
    async apply(system, { level, seed }) {
      const parameters = definition.levels[level]
      if (parameters === undefined) throw unknownLevel(entry, level)
      await using undoing = new AsyncDisposableStack()
      const observer = await observe(system)
      const injected = await inject(system, {
        parameters,
        level,
        seed,
        chance: createChance(seed),
        defer: (undo) => undoing.defer(undo),
      })
      const inAt = system.now()
      const undo = undoing.move() // it is in: from here on only `undo` takes it back
      return {
        truth: injected.truth.map((details) => toTruth(entry, details)),
        parts: injected.parts ?? [],
        check: () => observer.check(injected.signs, inAt),
        undo: () => undo.disposeAsync(),
      }
    },
  }
}

function toTruth(fault: Pick<Fault, 'name' | 'causes'>, details: TruthDetails): Truth {
  const [cause, ...acceptable] = details.causes ?? fault.causes
  if (cause === undefined) throw new Error(`expected a cause of ${fault.name}, found a truth without one`)
  return { chain: details.chain, cause, acceptable, service: details.service, commit: details.commit ?? null }
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
