import { AppError } from '../errors.ts'
import { interruptible, type ExitCode, type Io } from './io.ts'
import {
  durationOption,
  listOption,
  objectiveOption,
  outDirectory,
  rateOption,
  textOption,
  urlOptions,
} from './options.ts'
import { present } from './present.ts'
import { createProgress } from './progress.ts'

/** `firebreak run … -- COMMAND…` */
export async function runCommand(
  io: Io,
  command: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  if (command.length === 0) throw new AppError('USAGE', 'expected a command after --, found none')
  const progress = createProgress(io)
  const plan = {
    command,
    urls: urlOptions(options),
    requestsFile: textOption(options, 'requests'),
    ratePerSecond: rateOption(options),
    forMs: durationOption(options, 'for'),
    prove: options['prove'] !== false,
    repository: textOption(options, 'repo'),
    logs: listOption(options, 'log'),
    database: textOption(options, 'db'),
    deploysFile: textOption(options, 'deploys'),
    objective: objectiveOption(options),
    out: outDirectory(options, io.now()),
  }
  const app = await io.loadApp()
  const outcome = await app.run(plan, { progress, signal: interruptible(io) })
  progress.end()
  return present(io, outcome, options['json'] === true)
}
