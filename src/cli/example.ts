import { interruptible, type ExitCode, type Io } from './io.ts'
import { outDirectory } from './options.ts'
import { present } from './present.ts'
import { createProgress } from './progress.ts'

/** `firebreak example`: the main job on a small failing program. */
export async function exampleCommand(
  io: Io,
  _: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const progress = createProgress(io)
  const app = await io.loadApp()
  const outcome = await app.example(
    { out: outDirectory(options, io.now()) },
    { progress, signal: interruptible(io) },
  )
  progress.end()
  present(io, outcome, options['json'] === true)
  return 0 // the example is meant to fail: finding its incident is success
}
