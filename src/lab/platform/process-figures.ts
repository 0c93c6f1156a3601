import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** What a process and its children have used so far. */
export type Usage = { readonly cpuSeconds: number; readonly residentBytes: number }

const NOTHING: Usage = { cpuSeconds: 0, residentBytes: 0 }
const TICKS_PER_SECOND = 100 // USER_HZ, the same on every Linux that we ship for
const PAGE_BYTES = 4096

/** Of each process alone; of those that serve by children (PostgreSQL) with all of them, also those that have ended. */
export async function usageOf(
  pids: readonly number[],
  withChildren: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Usage>> {
  if (process.platform !== 'linux') return usageByPs(pids, withChildren)
  const usage = (pid: number): Promise<Usage> =>
    withChildren.has(pid) ? treeUsage(pid) : ownUsage(String(pid), OWN_TICKS)
  return new Map(await Promise.all(pids.map(async (pid) => [pid, await usage(pid)] as const)))
}

/** Fields of proc_pid_stat(5) after the name: utime and stime, then those of children that were waited for. */
const OWN_TICKS = [11, 13] as const
const ALL_TICKS = [11, 15] as const

async function treeUsage(pid: number): Promise<Usage> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const children = text.trim().split(' ').filter(Boolean)
  const all = await Promise.all([String(pid), ...children].map((one) => ownUsage(one, ALL_TICKS)))
  return all.reduce((sum, one) => ({
    cpuSeconds: sum.cpuSeconds + one.cpuSeconds,
    residentBytes: sum.residentBytes + one.residentBytes,
  }))
}

/** What is shared with others (PostgreSQL's buffers) is not counted as memory of each. */
async function ownUsage(pid: string, [from, to]: readonly [number, number]): Promise<Usage> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(from, to).reduce((sum, field) => sum + Number(field), 0)
    const [, resident = 0, shared = 0] = (await readFile(`/proc/${pid}/statm`, 'latin1'))
      .split(' ')
      .map(Number)
    return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: (resident - shared) * PAGE_BYTES }
  } catch {
    return NOTHING // it has ended meanwhile
  }
}

const run = promisify(execFile)

async function usageByPs(
  pids: readonly number[],
  withChildren: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Usage>> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,rss=,time=']).catch(() => ({ stdout: '' }))
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/))
  return new Map(
    pids.map((pid) => {
      const own = rows.filter(
        ([id, parent]) => Number(id) === pid || (withChildren.has(pid) && Number(parent) === pid),
      )
      const cpuSeconds = own.reduce((sum, [, , , time = '0']) => sum + secondsOf(time), 0)
      const kilobytes = own.reduce((sum, [, , rss = '0']) => sum + Number(rss), 0)
      return [pid, { cpuSeconds, residentBytes: kilobytes * 1024 }]
    }),
  )
}

/** `1:02.50`, `01:02:03` */
function secondsOf(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
