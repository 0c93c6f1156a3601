import { constants } from 'node:fs'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Git } from '../git.ts'
import { isWithin, moveLink } from './moved-paths.ts'
import type { Move, SymbolicLink } from './moved-paths.ts'

export type WorkCopyDeps = { readonly git: Git; readonly signal: AbortSignal }

export type WorkCopyInput = {
  /** Root of the git work tree. */
  readonly repository: string
  /** An empty folder; the copy is made in it. */
  readonly into: string
  /** Absolute paths; those inside start empty in the copy. */
  readonly followLogs: readonly string[]
}

export type WorkCopyResult =
  | {
      readonly ok: true
      /** Folders of built files that were too large. */
      readonly leftOut: readonly string[]
      /** Files that git does not track, relative to the root. */
      readonly untracked: ReadonlySet<string>
    }
  | { readonly ok: false; readonly reason: string }

/** What git does not track, and is not a dependency, may be this much. */
const MAX_DATA_BYTES = 200 * 1024 * 1024
const MAX_TRACKED_BYTES = 2 * 1024 * 1024 * 1024

/** Installed from elsewhere, and only read: linked. */
const DEPENDENCIES: ReadonlySet<string> = new Set(
  (
    'node_modules bower_components jspm_packages .yarn .pnpm-store .venv venv virtualenv site-packages .tox .nox ' +
    'vendor .bundle .gems Pods .gradle .m2 .cargo .stack-work .mix .hex elm-stuff'
  ).split(' '),
)
/** Made from the source: copied while they are small, so that a build in the copy writes to the copy; else left out. */
const BUILDS: ReadonlySet<string> = new Set(
  'target build dist out bin obj _build .next .nuxt .svelte-kit'.split(' '),
)
const LEFT_OUT: ReadonlySet<string> = new Set(
  (
    '.git .hg .svn __pycache__ .pytest_cache .mypy_cache .ruff_cache .nyc_output .idea .vscode .DS_Store ' +
    'firebreak-out'
  ).split(' '),
)

/** A process id of the original says "already running" to some programs. */
const LEFT_OUT_FILE = /\.(?:pid|sock|pyc)$/

type Entry = {
  readonly path: string
  readonly kind: 'file' | 'symlink' | 'folder' | 'dependency'
  readonly bytes: number
  readonly origin: 'tracked' | 'data' | 'build'
}

/**
 * Copies a work tree as it is now, so that a program can run from the copy and never touch the original: what git
 * tracks, and data that it does not (databases, uploads, settings). Dependencies that are only read are linked.
 *
 *     tracked, untracked, ignored data  -> copied     (over 200 MB of data: refused, with the sizes)
 *     node_modules, a venv, vendor, …   -> linked     (links of workspace packages lead into the copy)
 *     target, dist, build, …            -> copied, or left out when too large
 *     followed logs                     -> empty
 */
export async function copyWorkTree(deps: WorkCopyDeps, input: WorkCopyInput): Promise<WorkCopyResult> {
  const move = { from: input.repository, to: input.into }
  const all = (await listEntries(deps, input)).filter(
    (entry) => !isWithin(input.into, join(move.from, entry.path)),
  )
  const { entries, leftOut } = withoutLargeBuilds(all)
  const tooMuch = refusal(entries)
  if (tooMuch !== null) return { ok: false, reason: tooMuch }
  const logs = new Set(input.followLogs.map((log) => resolve(input.repository, log)))
  const isLog = (path: string, entry: Entry): boolean =>
    logs.has(path) ||
    (entry.origin === 'data' && LOG_NAME.test(path) && [...logs].some((log) => isWithin(log, path)))
  for (const entry of entries) {
    deps.signal.throwIfAborted()
    const from = join(move.from, entry.path)
    if (entry.kind === 'file' && isLog(from, entry))
      await makeEmpty(join(move.to, entry.path), logs.has(from))
    else await place(entry, move)
  }
  for (const log of logs)
    if (isWithin(move.from, log))
      await mkdir(join(move.to, relativeTo(move.from, dirname(log))), { recursive: true })
  const untracked = entries.filter((entry) => entry.kind === 'file' && entry.origin !== 'tracked')
  return { ok: true, leftOut, untracked: new Set(untracked.map((entry) => entry.path)) }
}

const LOG_NAME = /\.(?:log|out|err)(?:[.-][\w.-]+)?$/i

function relativeTo(root: string, path: string): string {
  return path === root ? '' : path.slice(root.length + (root.endsWith(sep) ? 0 : 1))
}

function withoutLargeBuilds(all: readonly Entry[]): {
  entries: readonly Entry[]
  leftOut: readonly string[]
} {
  const bytes = sum(all.filter((entry) => entry.origin !== 'tracked'))
  if (bytes <= MAX_DATA_BYTES) return { entries: all, leftOut: [] }
  const builds = all.filter((entry) => entry.origin === 'build')
  return {
    entries: all.filter((entry) => entry.origin !== 'build'),
    leftOut: [...new Set(builds.map((entry) => buildFolderOf(entry.path)))],
  }
}

function buildFolderOf(path: string): string {
  const parts = path.split('/')
  return parts.slice(0, parts.findIndex((part) => BUILDS.has(part)) + 1).join('/')
}

const sum = (entries: readonly Entry[]): number => entries.reduce((total, entry) => total + entry.bytes, 0)
const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`

function refusal(entries: readonly Entry[]): string | null {
  const data = entries.filter((entry) => entry.origin !== 'tracked')
  if (sum(data) > MAX_DATA_BYTES) {
    const largest = data.toSorted((a, b) => b.bytes - a.bytes)[0]
    const most = largest ? ` (most: ${largest.path}, ${megabytes(largest.bytes)})` : ''
    return `the work tree holds ${megabytes(sum(data))} of data that git does not track${most}; up to ${megabytes(MAX_DATA_BYTES)} are copied`
  }
  const tracked = sum(entries) - sum(data)
  return tracked > MAX_TRACKED_BYTES ? `the work tree is too large to copy, ${megabytes(tracked)}` : null
}

async function listEntries(deps: WorkCopyDeps, { repository }: WorkCopyInput): Promise<readonly Entry[]> {
  const list = async (...flags: string[]): Promise<readonly string[]> => {
    const { bytes } = await deps.git.run(repository, ['ls-files', '-z', ...flags])
    return [...new Set(bytes.toString('utf8').split('\0'))].filter(Boolean)
  }
  const tracked = await list('--cached')
  const untracked = await list('--others', '--exclude-standard', '--directory')
  const ignored = await list('--others', '--ignored', '--exclude-standard', '--directory')
  const entries: Entry[] = []
  for (const path of tracked) entries.push(...(await entriesAt(repository, path, 'tracked')))
  for (const path of [...untracked, ...ignored]) {
    entries.push(...(await entriesAt(repository, path.replace(/\/$/, ''), 'data')))
  }
  return entries
}

/** The entry at a path, and for a folder all that is in it. Sockets, pipes, and what is gone are nothing. */
async function entriesAt(root: string, path: string, origin: Entry['origin']): Promise<readonly Entry[]> {
  const name = basename(path)
  const isTracked = origin === 'tracked'
  if (!isTracked && (LEFT_OUT_FILE.test(name) || path.split('/').some((part) => LEFT_OUT.has(part))))
    return []
  const info = await lstat(join(root, path)).catch(() => null)
  if (info === null) return []
  if (info.isSymbolicLink()) return [{ path, kind: 'symlink', bytes: 0, origin }]
  if (info.isFile()) return [{ path, kind: 'file', bytes: info.size, origin }]
  if (!info.isDirectory()) return []
  const names = await readdir(join(root, path)).catch((): string[] => [])
  if (!isTracked && (DEPENDENCIES.has(name) || names.includes('pyvenv.cfg'))) {
    return [{ path, kind: 'dependency', bytes: 0, origin }]
  }
  const within = !isTracked && BUILDS.has(name) ? 'build' : origin
  const entries: Entry[] = [{ path, kind: 'folder', bytes: 0, origin: within }]
  for (const child of names) {
    // A tracked folder is a submodule: its own .git stays behind.
    if (LEFT_OUT.has(child)) continue
    entries.push(...(await entriesAt(root, `${path}/${child}`, within)))
  }
  return entries
}

async function place(entry: Entry, move: Move): Promise<void> {
  const from = join(move.from, entry.path)
  const to = join(move.to, entry.path)
  await mkdir(dirname(to), { recursive: true })
  switch (entry.kind) {
    case 'folder':
      await mkdir(to, { recursive: true })
      return
    case 'symlink':
      await symlink(moveLink(await linkAt(from), move), to).catch(ignoreExisting)
      return
    case 'dependency':
      await linkDependency(from, to, move)
      return
    case 'file':
      await copyOne(from, to)
  }
}

/** Copy on write where the file system can; the same modification time, so that builds see what did not change. */
async function copyOne(from: string, to: string): Promise<void> {
  const info = await lstat(from)
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, info.mode | 0o200)
  await utimes(to, info.atime, info.mtime)
}

/**
 * A folder of links to what is in the original, rather than one link: packages of the same repository, which package
 * managers link from there to the source, must lead to the copy's source.
 */
async function linkDependency(from: string, to: string, move: Move): Promise<void> {
  if (basename(from) !== 'node_modules') return symlink(from, to, 'dir').catch(ignoreExisting)
  await mkdir(to, { recursive: true })
  for (const item of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, item.name), join(to, item.name)]
    if (item.isSymbolicLink()) {
      await symlink(moveLink(await linkAt(source), move, 'keep-dependencies'), target).catch(ignoreExisting)
    } else if (item.isDirectory() && item.name.startsWith('@')) {
      await linkScope(source, target, move)
    } else await symlink(source, target).catch(ignoreExisting)
  }
  return undefined
}

async function linkScope(from: string, to: string, move: Move): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const item of await readdir(from, { withFileTypes: true })) {
    const source = join(from, item.name)
    const link = item.isSymbolicLink() ? moveLink(await linkAt(source), move, 'keep-dependencies') : source
    await symlink(link, join(to, item.name)).catch(ignoreExisting)
  }
}

async function linkAt(path: string): Promise<SymbolicLink> {
  return { at: path, target: await readlink(path) }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

async function makeEmpty(file: string, create: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  if (create) await writeFile(file, '')
}
