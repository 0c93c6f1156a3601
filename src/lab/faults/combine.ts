import type { LabSystem } from '../platform/lab-system.ts'
import type { AppliedFault, Fault, FaultLevel, Injected, Injection, LevelParameters } from './fault.ts'
import type { SignSeen } from './signs.ts'

/**
 * Puts another fault in as a part of this one: it is taken back with it. Its truth and its check become parts of
 * what is returned.
 */
export async function applyPart(
  system: LabSystem,
  fault: Fault,
  { chance, defer, level }: Pick<Injection<LevelParameters>, 'chance' | 'defer' | 'level'>,
): Promise<AppliedFault> {
  const applied = await fault.apply(system, {
    level: levelOf(fault, level),
    seed: chance.seedFor(fault.name),
  })
  defer(() => applied.undo())
  return applied
}

function levelOf(fault: Fault, level: FaultLevel): FaultLevel {
  return fault.levels[level] === undefined ? 'normal' : level
}

/** What several parts make together. */
export function together(parts: readonly AppliedFault[]): Injected {
  return {
    truth: parts.flatMap((part) =>
      part.truth.map(({ chain, service, commit, cause, acceptable }) => ({
        chain,
        service,
        causes: [cause, ...acceptable] as const,
        ...(commit === null ? {} : { commit }),
      })),
    ),
    signs: {
      all: parts.map((part) => async (): Promise<SignSeen> => {
        const { happened, evidence } = await part.check()
        return { seen: happened, says: evidence }
      }),
    },
  }
}
