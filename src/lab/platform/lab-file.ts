import { readFileSync } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import type { EpochMs } from '../../time.ts'
import { AppError } from '../../errors.ts'
import type { StateDirectory } from './state-directory.ts'

/** `lab.json`: how a running lab is reached. It holds what a responder may use, and nothing of the operator's. */
export type LabFile = {
  readonly schema: 1
  readonly pid: number
  readonly startedAt: EpochMs
  readonly shopUrl: string
  readonly controlUrl: string
  readonly controlToken: string
  /** The monitoring role's. */
  readonly databaseUrl: string
  readonly repository: string
  readonly logs: string
}

/** `operator/operator.json`, in a folder that only its owner can enter. */
export type OperatorFile = {
  readonly url: string
  readonly token: string
}

/** Seen whole or not at all, by its owner only. */
export async function writePrivately(file: string, value: unknown): Promise<void> {
  const partial = `${file}.partial`
  const handle = await open(partial, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`)
  } finally {
    await handle.close()
  }
  await rename(partial, file)
}

/** The lab of this directory, or null where none runs. */
export async function readLabFile(directory: StateDirectory): Promise<LabFile | null> {
  if ((await lockHolder(directory)) === null) return null
  const text = await readFile(directory.labFile, 'utf8').catch(() => null)
  return text === null ? null : parsed<LabFile>(directory.labFile, text, 'controlUrl')
}

export async function readOperatorFile(directory: StateDirectory): Promise<OperatorFile | null> {
  const text = await readFile(directory.operatorFile, 'utf8').catch(() => null)
  return text === null ? null : parsed<OperatorFile>(directory.operatorFile, text, 'token')
}

/** We wrote it whole; somebody else may have changed it since. */
function parsed<T>(file: string, text: string, key: keyof T & string): T {
  const hint = '`firebreak lab down` ends the lab all the same; `lab up` writes it anew'
  const unlike = (cause?: unknown): AppError =>
    new AppError('LAB_FAILED', `expected ${file} as \`lab up\` wrote it, found something else`, {
      hint,
      cause,
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unlike(cause)
  }
  if (typeof value === 'object' && value !== null && key in value) return value as T // what has it is ours
  throw unlike()
}

/** The supervisor that runs for this directory, starting or up; null where there is none. */
export async function lockHolder(directory: StateDirectory): Promise<number | null> {
  const text = await readFile(directory.lockFile, 'utf8').catch(() => '')
  const [pid, started] = text.trim().split(' ')
  const isHeld = pid !== undefined && pid !== '' && startOf(Number(pid)) === started
  return isHeld ? Number(pid) : null
}

/** One lab for each directory. A lock whose holder is gone is taken over. Throws `LAB_ALREADY_UP`. */
export async function takeLock(directory: StateDirectory, pid: number): Promise<void> {
  for (;;) {
    try {
      const handle = await open(directory.lockFile, 'wx', 0o600)
      await handle.writeFile(`${pid} ${startOf(pid)}\n`)
      await handle.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await lockHolder(directory)
    if (holder !== null) throw alreadyUp(directory, holder)
    await rm(directory.lockFile, { force: true })
  }
}

export async function releaseLock(directory: StateDirectory): Promise<void> {
  await rm(directory.labFile, { force: true })
  await rm(directory.operatorFile, { force: true })
  await rm(directory.lockFile, { force: true })
}

function alreadyUp(directory: StateDirectory, pid: number): AppError {
  return new AppError('LAB_ALREADY_UP', `a lab is up at ${directory.root} (process ${pid})`, {
    hint: '`firebreak lab status` shows it, `firebreak lab down` ends it; --data DIR with --port N runs a second one',
  })
}

/**
 * When a process started, in the kernel's own count, so that another one that got the same number later is not taken
 * for it; empty where it is gone or a zombie. Without /proc any living process counts.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before may hold anything
    return fields[0] === 'Z' || fields[0] === 'X' ? 'gone' : (fields[19] ?? 'gone')
  } catch {
    return process.platform === 'linux' || !isAlive(pid) ? 'gone' : 'alive'
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
