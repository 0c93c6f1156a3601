import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { AppError } from './errors.ts'
import type { Git } from './git.ts'

/** The source of a program: a git work tree, or a plain folder of files. */
export type Repository = {
  readonly root: string
  readonly hasHistory: boolean
  /** Paths from the root, with `/`; ignored files are not among them. */
  readonly files: ReadonlySet<string>
  /** The text of a file, or null where it is not there, is too large (2 MB) or is no file of the repository. */
  readFile(path: string): Promise<string | null>
  /** What a reader should know: no git, no commits, a shallow clone. */
  readonly notes: readonly string[]
}

const MAX_SOURCE_BYTES = 2 * 1024 * 1024
const MAX_PLAIN_FILES = 50_000
const SKIPPED_FOLDERS = new Set([
  '.git',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  'target',
  'dist',
  'build',
])

/** Opens what `--repo` names; throws `INPUT_NOT_FOUND` where that is no folder. */
export async function openRepository(git: Git, directory: string): Promise<Repository> {
  const folder = resolve(directory)
  const found = await stat(folder).catch(() => null)
  if (!found?.isDirectory()) {
    const what = found ? 'a file' : 'nothing'
    throw new AppError('INPUT_NOT_FOUND', `--repo: expected a folder, found ${what} at ${folder}`, {
      hint: 'give the root of the git work tree of the program',
    })
  }
  const root = await workTree(git, folder)
  if (root === null) {
    const note = `${folder} is not a git work tree: its source is read, but what changed is not known`
    return repositoryOf({ root: folder, hasHistory: false, files: await plainFiles(folder), notes: [note] })
  }
  const { bytes } = await git.run(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const files = new Set(bytes.toString('utf8').split('\0').filter(Boolean))
  const notes = await historyNotes(git, root)
  return repositoryOf({ root, hasHistory: !notes.includes(noCommits(root)), files, notes })
}

/** The git work tree around a folder, or null where there is none. */
export async function workTree(git: Git, folder: string): Promise<string | null> {
  const { bytes, code } = await git
    .run(folder, ['rev-parse', '--show-toplevel'], { okCodes: [0, 128] })
    .catch(() => ({ bytes: Buffer.alloc(0), code: 128 }))
  const root = bytes.toString('utf8').trim()
  return code === 0 && root !== '' ? root : null
}

function noCommits(root: string): string {
  return `${root} has no commits yet: its source is read, but what changed is not known`
}

async function historyNotes(git: Git, root: string): Promise<readonly string[]> {
  const head = await git.run(root, ['rev-parse', '--verify', '--quiet', 'HEAD'], { okCodes: [0, 1, 128] })
  if (head.code !== 0) return [noCommits(root)]
  const shallow = await git.run(root, ['rev-parse', '--is-shallow-repository'], { okCodes: [0, 128] })
  if (shallow.bytes.toString('utf8').trim() !== 'true') return []
  return [
    `${root} is a shallow clone: commits before its edge are not seen (git fetch --unshallow brings them)`,
  ]
}

function repositoryOf(parts: Omit<Repository, 'readFile'>): Repository {
  const { root, files } = parts
  const read = async (path: string): Promise<string | null> => {
    const at = resolve(root, path)
    const isInside = !relative(root, at).startsWith('..')
    if (!isInside || !files.has(path)) return null
    const found = await stat(at).catch(() => null)
    if (!found?.isFile() || found.size > MAX_SOURCE_BYTES) return null
    return readFile(at, 'utf8').catch(() => null)
  }
  return { ...parts, readFile: read }
}

async function plainFiles(root: string): Promise<ReadonlySet<string>> {
  const files = new Set<string>()
  const pending = [root]
  for (
    let folder = pending.pop();
    folder !== undefined && files.size < MAX_PLAIN_FILES;
    folder = pending.pop()
  ) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) pending.push(path)
      else if (entry.isFile()) files.add(relative(root, path).split(sep).join('/'))
    }
  }
  return files
}
