import { AppError } from '../errors.ts'
import type { EpochMs } from '../time.ts'
import { redact } from './redact.ts'
import type { SupervisedProcess } from './sources/supervised-process.ts'

/** `1.5 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The program ended before it answered once: how, after what time, and what it wrote last. */
export function endedTooEarly(program: SupervisedProcess, now: EpochMs): AppError {
  const { command, startedAt, exitedAt, exitCode, signal } = program.record(null)
  const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`
  const after = seconds((exitedAt ?? now) - startedAt)
  const message = `expected ${command.join(' ')} to answer, but it ended ${how} after ${after}, before it answered once`
  return new AppError('COMMAND_EXITED', `${message}${lastOutput(program)}`, {
    hint: 'run it by hand to see why it ends',
  })
}

/** The program runs but does not answer: what was tried, where it listens, and what it wrote last. */
export function neverListened(program: SupervisedProcess, timeoutMs: number, tried: string): AppError {
  const ports = program.listeningPorts().map((port) => `${port.host}:${port.port}`)
  const heard = ports.length === 0 ? '' : `; it listens on ${ports.join(', ')}`
  const message = `expected an HTTP answer within ${seconds(timeoutMs)}, got none from ${tried}${heard}`
  return new AppError('NEVER_LISTENED', `${message}${lastOutput(program)}`, {
    hint: 'check the address and the port that the program listens on',
  })
}

function lastOutput(program: SupervisedProcess): string {
  const lines = program.lastLines()
  return lines.length === 0
    ? '; it wrote nothing'
    : `; its last output:\n${lines.map((line) => `  ${redact(line)}`).join('\n')}`
}
