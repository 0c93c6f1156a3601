import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Seconds of CPU that a process has used; 0 where it is gone. */
export async function cpuTimeOf(pid: number): Promise<number> {
  return (await fromProc(pid)) ?? (await fromPs(pid))
}

/** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100

async function fromProc(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return 0
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return null // gone, or no Linux
  }
}

/** `[[days-]hours:]minutes:seconds`, whole seconds. */
async function fromPs(pid: number): Promise<number> {
  try {
    const { stdout } = await run('ps', ['-o', 'time=', '-p', String(pid)])
    const [clock = '', days = '0'] = stdout.trim().split('-').toReversed()
    return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400
  } catch {
    return 0
  }
}
