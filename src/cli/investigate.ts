import { AppError } from '../errors.ts'
import { interruptible, type ExitCode, type Io } from './io.ts'
import {
  listOption,
  objectiveOption,
  outDirectory,
  textOption,
  timeOption,
  timeZoneOption,
} from './options.ts'
import { present } from './present.ts'
import { createProgress } from './progress.ts'

/** `firebreak investigate …` */
export async function investigateCommand(
  io: Io,
  _: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const logs = listOption(options, 'log')
  if (logs.length === 0) {
    throw new AppError(
      'USAGE',
      'expected at least one --log FILE, folder or - for standard input, found none',
    )
  }
  const now = io.now()
  const plan = {
    logs,
    repository: textOption(options, 'repo'),
    database: textOption(options, 'db'),
    deploysFile: textOption(options, 'deploys'),
    since: timeOption(options, 'since', now),
    until: timeOption(options, 'until', now),
    timeZone: timeZoneOption(options),
    objective: objectiveOption(options),
    out: outDirectory(options, now),
  }
  const progress = createProgress(io)
  const app = await io.loadApp()
  const outcome = await app.investigate(plan, { progress, signal: interruptible(io), stdin: io.stdin })
  progress.end()
  return present(io, outcome, options['json'] === true)
}
