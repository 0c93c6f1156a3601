import type { LabSystem } from '../platform/lab-system.ts'
import type { AppliedFault, Fault, FaultLevel, Injected, Injection, LevelParameters } from './fault.ts'
import type { SignSeen } from './signs.ts'

/** Another fault, as a part of one. */
export type Part = { readonly name: string; readonly applied: AppliedFault }

/**
 * Puts another fault in as a part of this one: it is taken back with it. Its truth and its check become parts of
 * what is returned.
 */
export async function applyPart(
  system: LabSystem,
  fault: Fault,
  { chance, defer, level }: Pick<Injection<LevelParameters>, 'chance' | 'defer' | 'level'>,
): Promise<Part> {
  const chosen = levelOf(fault, level)
  const applied = await fault.apply(system, { level: chosen, seed: chance.seedFor(fault.name) })
  defer(() => applied.undo())
  return { name: `${fault.name} (${chosen})`, applied }
}

function levelOf(fault: Fault, level: FaultLevel): FaultLevel {
  return fault.levels[level] === undefined ? 'normal' : level
}

/** What several parts make together. */
export function together(parts: readonly Part[]): Injected {
  return {
    parts: parts.flatMap(({ name, applied }) => [name, ...applied.parts]),
    truth: parts.flatMap(({ applied }) =>
      applied.truth.map(({ chain, service, commit, cause, acceptable }) => ({
        chain,
        service,
        causes: [cause, ...acceptable] as const,
        ...(commit === null ? {} : { commit }),
      })),
    ),
    signs: {
      all: parts.map(({ applied }) => async (): Promise<SignSeen> => {
        const { happened, evidence } = await applied.check()
        return { seen: happened, says: evidence }
      }),
    },
  }
}
