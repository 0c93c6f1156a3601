import { readdirSync } from 'node:fs'
import { AppError } from '../../errors.ts'
import type { StateDirectory } from './state-directory.ts'

/** What every lab has in its folder from its first moment on. */
const OF_A_LAB = ['operator', 'supervisor.pid'] as const

/**
 * Throws `USAGE` where the folder holds something, and not a lab: coming up removes what lies in `logs/`,
 * `repository/` and `worktrees/`, and that might be somebody's work. A folder that is empty or not there is fine.
 */
export function refuseForeignDirectory({ root }: StateDirectory): void {
  const names = namesIn(root)
  const isOurs = names.length === 0 || OF_A_LAB.some((name) => names.includes(name))
  const isRepository = names.includes('.git') // its `operator/` is somebody's program
  if (isOurs && !isRepository) return
  const some = `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`
  throw new AppError(
    'USAGE',
    `--data: expected an empty folder or that of a lab, found ${root} with ${some}`,
    {
      hint: `give a folder of its own, such as --data ${root}/lab`,
    },
  )
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not there, or not a folder: making it says so
  }
}
