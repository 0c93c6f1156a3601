import { AppError } from '../errors.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'

/** `firebreak config check|show [FILE]` */
export async function configCommand(
  io: Io,
  [verb = '', file, ...more]: readonly string[],
): Promise<ExitCode> {
  if ((verb !== 'check' && verb !== 'show') || more.length > 0) {
    throw new AppError('USAGE', `expected config check [FILE] or config show [FILE], found "${verb}"`, {
      hint: 'firebreak config --help',
    })
  }
  const app = await io.loadApp()
  const checked = await app.checkConfig(file ?? null)
  if (!checked.ok) {
    io.stderr.write(`${checked.problems}\n`)
    return exitCodes.failed
  }
  io.stdout.write(verb === 'show' ? checked.shown : `${file ?? 'the default'} is good\n`)
  return exitCodes.done
}
