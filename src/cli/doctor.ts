import type { Check } from '../service/index.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { textOption } from './options.ts'

const MARKS = { good: 'ok     ', warning: 'warning', wrong: 'WRONG  ' } as const

/** `firebreak doctor [--config FILE] [--data DIR] [--json]`: exit 1 if anything is wrong. */
export async function doctorCommand(
  io: Io,
  _words: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const app = await io.loadApp()
  const checks = await app.doctor({
    configFile: textOption(options, 'config'),
    data: textOption(options, 'data'),
  })
  const isWell = checks.every(({ state }) => state !== 'wrong')
  if (options['json'] === true) io.stdout.write(`${JSON.stringify({ schema: 1, isWell, checks })}\n`)
  else io.stdout.write(`${checks.map(lineOf).join('\n')}\n`)
  return isWell ? exitCodes.done : exitCodes.failed
}

function lineOf({ name, state, says, mend }: Check): string {
  return `${MARKS[state]}  ${name}: ${says}${mend === '' ? '' : `\n           ${mend}`}`
}
