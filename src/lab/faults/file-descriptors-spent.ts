import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AppError } from '../../errors.ts'
import { defineFault } from './fault.ts'
import { drawInstances } from './instances.ts'
import { logged } from './signs.ts'
import type { Sign } from './signs.ts'

const run = promisify(execFile)

export const fileDescriptorsSpent = defineFault({
  name: 'file-descriptors-spent',
  kind: 'process',
  summary: 'Instances of the app have no file descriptors left',
  where: 'instances of the app, drawn',
  mechanism:
    'Their limit on open files is set to what they have open (prlimit), so that new sockets and files fail',
  symptoms: [
    'new connections to the database and payment fail',
    'the log names EMFILE',
    'the balancer cannot connect',
  ],
  causes: ['file-descriptors-exhausted'],
  levels: {
    mild: { instances: 1, left: 2 },
    normal: { instances: 2, left: 0 },
    hard: { instances: 3, left: 0 },
  },
  async inject(system, { parameters: { instances, left }, chance, defer }) {
    const names = drawInstances(system, chance, instances)
    for (const name of names) {
      const instance = system.processes.get(name)
      const { pid } = instance
      if (pid === null) continue
      const next = await nextFreeOf(pid)
      const before = await softLimitOf(pid)
      defer(async () => {
        // A new process has the old limit again; this one got into a state that only a restart surely ends.
        if (instance.pid !== pid) return
        await setSoftLimit(pid, before)
        await instance.restart()
      })
      await setSoftLimit(pid, next + left)
    }
    return {
      truth: [
        {
          chain: [
            `the limit on open files of ${names.join(' and ')} was reached`,
            'shop',
            'sockets and files cannot be opened: EMFILE',
            'requests that need a new connection fail',
          ],
          service: 'shop',
        },
      ],
      signs: {
        all: names.map((name) => isSpent(system.processes.get(name).pid, name)),
        any: [logged(/EMFILE|too many open files/i)],
      },
    }
  },
})

function isSpent(pid: number | null, name: string): Sign {
  return async () => {
    if (pid === null) return { seen: false, says: `${name} does not run` }
    const files = await Promise.all([nextFreeOf(pid), softLimitOf(pid)]).catch(() => null)
    if (files === null) return { seen: false, says: `${name} has ended` }
    const [next, limit] = files
    return {
      seen: limit !== 'unlimited' && next >= Number(limit) - 2,
      says: `${name} may open no file past number ${limit}, and the next one is ${next}`,
    }
  }
}

/** The number that the next file would get: the limit is on numbers, not on how many are open. */
async function nextFreeOf(pid: number): Promise<number> {
  try {
    const open = new Set((await readdir(`/proc/${pid}/fd`)).map(Number))
    let next = 0
    while (open.has(next)) next += 1
    return next
  } catch (cause) {
    throw notPossible(cause)
  }
}

async function softLimitOf(pid: number): Promise<string> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8')
  return /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unlimited'
}

/** The soft limit alone, so that no right is needed to raise it again. */
async function setSoftLimit(pid: number, limit: number | string): Promise<void> {
  try {
    await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:`])
  } catch (cause) {
    throw notPossible(cause)
  }
}

function notPossible(cause: unknown): AppError {
  return new AppError(
    'LAB_NOT_POSSIBLE',
    'expected Linux with /proc and prlimit, to limit the open files of a process',
    {
      hint: 'choose another fault, such as instance-frozen; prlimit is part of util-linux',
      cause,
    },
  )
}
