import { open, readdir, realpath, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { decodedHead } from './log-bytes.ts'
import { judgeName, readsLikeLog, sniffContent } from './log-content.ts'
import type { LogContent } from './log-content.ts'

/** One thing to read, looked at but not yet read. */
export type LogInput = {
  /** As it was named, or the folder's name and the path in it. */
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly modifiedAt: number
  readonly content: LogContent
  /** A pipe or a device: can be read once, and has no size. */
  readonly isStream: boolean
}

/** Folders that hold no logs of the application, and would take long. */
const SKIPPED_FOLDERS = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'proc', 'sys'])
const MAX_DEPTH = 16
const MAX_FILES = 10_000
export const HEAD_BYTES = 65_536

/** What a path names: itself, or the logs in the folder. Refuses what is not there and what cannot be a log. */
export async function findLogInputs(path: string): Promise<LogInput[]> {
  const stats = await statOf(path)
  if (!stats.isDirectory()) return [await inspectFile(path, path, stats)]
  const found: LogInput[] = []
  await walk(path, { found, seen: new Set(), looked: 0, depth: 0 })
  if (found.length > 0) return found
  throw new AppError('INPUT_NOT_A_LOG', `expected log files in the folder ${path}, found none`, {
    hint: 'name the files themselves, or check that they are readable',
  })
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path)
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/** The refusal that fits what the file system said. */
export function fileError(path: string, cause: unknown): AppError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const hint = 'check the spelling and the working directory; - reads standard input'
    return new AppError('INPUT_NOT_FOUND', `expected a log file or folder at ${path}, found nothing there`, {
      hint,
      cause,
    })
  }
  const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code || String(cause)
  const hint = 'read it with the rights of its owner, or pipe it in: … | firebreak … --log -'
  return new AppError('INPUT_UNREADABLE', `expected to read ${path}, found: ${why}`, { hint, cause })
}

async function inspectFile(name: string, path: string, stats: Stats): Promise<LogInput> {
  const isStream = !stats.isFile()
  const common = { name, path, bytes: isStream ? 0 : stats.size, modifiedAt: stats.mtimeMs, isStream }
  // A pipe can only be read once: what it holds is seen then.
  if (isStream) return { ...common, content: { kind: 'text', encoding: 'utf-8' } }
  return { ...common, content: sniffContent(await headOf(path)) }
}

/** The first bytes of a file; of one that begins with a hole, those behind it too. */
async function headOf(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r')
    const head = new Uint8Array(HEAD_BYTES)
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0)
    const { size } = await file.stat()
    if (bytesRead === 0 || size <= HEAD_BYTES || head.some((byte) => byte !== 0))
      return head.subarray(0, bytesRead)
    const tail = await file.read(head, 0, HEAD_BYTES, size - HEAD_BYTES)
    return head.subarray(0, tail.bytesRead)
  } catch (cause) {
    throw fileError(path, cause)
  }
}

type Walk = { found: LogInput[]; seen: Set<string>; looked: number; depth: number }

async function walk(folder: string, state: Walk): Promise<void> {
  const real = await realpath(folder).catch(() => null)
  // A link back to a folder above, or a second way to the same folder.
  if (real === null || state.seen.has(real) || state.depth > MAX_DEPTH) return
  state.seen.add(real)
  const names = await readdir(folder).catch(() => [] as string[])
  for (const name of names.sort()) {
    if (state.looked >= MAX_FILES) return
    const path = join(folder, name)
    const stats = await stat(path).catch(() => null)
    if (stats?.isDirectory()) {
      const skip = SKIPPED_FOLDERS.has(name) || name.startsWith('.')
      if (!skip) await walkInto(path, state)
    } else if (stats?.isFile() && !name.startsWith('.')) {
      state.looked++
      await takeFile(path, stats, state)
    }
  }
}

async function walkInto(path: string, state: Walk): Promise<void> {
  state.depth++
  await walk(path, state)
  state.depth--
}

/** A file of a folder counts when its name or its text says that it is a log; what cannot be read is left out. */
async function takeFile(path: string, stats: Stats, state: Walk): Promise<void> {
  const judged = judgeName(path)
  const identity = `${stats.dev}:${stats.ino}`
  if (judged === 'no' || stats.size === 0 || state.seen.has(identity)) return
  state.seen.add(identity)
  const input = await inspectFile(path, path, stats).catch(() => null)
  if (input === null || input.content.kind === 'binary' || input.content.kind === 'empty') return
  if (judged === 'maybe') {
    const head = await decodedHead(input).catch(() => '')
    if (!readsLikeLog(head)) return
  }
  state.found.push(input)
}
