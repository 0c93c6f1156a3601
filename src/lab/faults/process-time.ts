import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Seconds of CPU that a process has used; 0 where it is gone. `ps` tells it on Linux and macOS alike. */
export async function cpuTimeOf(pid: number): Promise<number> {
  try {
    const { stdout } = await run('ps', ['-o', 'time=', '-p', String(pid)])
    return secondsOf(stdout.trim())
  } catch {
    return 0
  }
}

/** `[[days-]hours:]minutes:seconds`. */
function secondsOf(text: string): number {
  const [clock = '', days = '0'] = text.split('-').toReversed()
  const parts = clock.split(':').map(Number)
  return parts.reduce((sum, part) => sum * 60 + part, 0) + Number(days) * 86_400
}
