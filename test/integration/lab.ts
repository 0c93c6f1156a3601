import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll } from 'vitest'

/**
 * A data directory for labs that goes away with the tests of this file. PostgreSQL's account can enter it. To be
 * called while the file is read: a hook that is registered within a hook never runs.
 */
export function labFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-lab-'))
  chmodSync(folder, 0o755)
  afterAll(async () => {
    await labIsGone(folder)
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A lab that is still ending still writes: its folder cannot be removed under it. */
export async function labIsGone(folder: string): Promise<void> {
  for (const end = performance.now() + 15_000; performance.now() < end; await pause(50)) {
    if (ofFolder(folder).length === 0 && !isLocked(folder)) return
  }
  throw new Error(`a lab still runs in ${folder}: ${JSON.stringify(ofFolder(folder))}`)
}

function isLocked(folder: string): boolean {
  try {
    const [pid = ''] = readFileSync(join(folder, 'supervisor.pid'), 'utf8').split(' ')
    return livingProcesses().some((one) => one.pid === pid)
  } catch {
    return false // taken away at the end
  }
}

export type LabAt = {
  readonly pid: number
  readonly shopUrl: string
  readonly controlUrl: string
  readonly controlToken: string
  readonly databaseUrl: string
}

/** How the running lab of a directory is reached. */
export function labIn(folder: string): LabAt {
  return JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as LabAt
}

export type LabProcess = { readonly pid: string; readonly words: string }

/** The supervisor of a directory's lab and everything below it, the guard too, while it is up. */
export function processesOf(folder: string): readonly LabProcess[] {
  const all = livingProcesses()
  const ours = new Set([String(labIn(folder).pid)])
  for (let before = -1; before !== ours.size;) {
    before = ours.size
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid)
  }
  return all.filter(({ pid }) => ours.has(pid))
}

/** Those that live on. Zombies are dead. */
export function stillLiving(before: readonly LabProcess[]): readonly LabProcess[] {
  const now = new Map(livingProcesses().map((one) => [one.pid, one.words]))
  return before.filter(({ pid, words }) => now.get(pid) === words)
}

/** Those whose words name the folder: the shop's programs and the database, whoever their parent is. */
export function ofFolder(folder: string): readonly LabProcess[] {
  return livingProcesses().filter(({ words }) => words.includes(`${folder}/`))
}

function livingProcesses(): readonly (LabProcess & { readonly parent: string })[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const [, state = '', parent = ''] =
          /\) (\S) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
        return state === 'Z'
          ? []
          : [{ pid, parent, words: words.startsWith('postgres:') ? 'postgres' : words }]
      } catch {
        return [] // it has ended meanwhile
      }
    })
}
