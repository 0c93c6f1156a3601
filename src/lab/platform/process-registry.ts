import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { toIso } from '../../time.ts'
import type { EpochMs } from '../../time.ts'
import type { Processes } from './lab-system.ts'
import { SupervisedProcess } from './supervised-process.ts'
import type { ProcessSpec } from './process-spec.ts'

/** All processes of the lab, by name, in the order in which they were made. */
export type ProcessRegistry = Processes & {
  all(): readonly SupervisedProcess[]
  supervise(spec: ProcessSpec): SupervisedProcess
  forget(name: string): void
}

export function createProcessRegistry(deps: {
  readonly now: () => EpochMs
  readonly logs: string
  readonly marks: Readonly<Record<string, string>>
}): ProcessRegistry {
  const known = new Map<string, SupervisedProcess>()
  const log = (line: string): void => {
    appendFileSync(join(deps.logs, 'supervisor.log'), `${toIso(deps.now())} ${line}\n`)
  }
  return {
    all: () => [...known.values()],
    names: () => [...known.keys()],
    get(name) {
      const found = known.get(name)
      if (found !== undefined) return found
      throw new AppError(
        'LAB_NAME_UNKNOWN',
        `expected a process of the lab (${[...known.keys()].join(', ')}), found "${name}"`,
      )
    },
    supervise(spec) {
      const logFile = join(deps.logs, `${spec.name}.log`)
      const supervised = new SupervisedProcess({ logFile, marks: deps.marks, log }, spec)
      known.set(spec.name, supervised)
      return supervised
    },
    forget: (name) => void known.delete(name),
  }
}
