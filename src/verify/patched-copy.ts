import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Git } from '../git.ts'
import { startGuard } from '../process-guard.ts'
import { copyWorkTree } from './work-copy.ts'

export type PatchedCopy = {
  /** The copy's root. */
  readonly root: string
  readonly leftOut: readonly string[]
  /** Its files, relative to the root. */
  readonly files: readonly string[]
  /** Those that git does not track. */
  readonly untracked: ReadonlySet<string>
}

export type PatchedCopyInput = {
  readonly repository: string
  readonly patch: string
  readonly followLogs: readonly string[]
}

type Refused = { readonly ok: false; readonly reason: string }

/**
 * Makes a copy of a work tree with a patch applied, hands it to `use`, and removes it again, whatever happens; a guard
 * removes it even when we are killed.
 */
export async function withPatchedCopy<T>(
  deps: { readonly git: Git; readonly signal: AbortSignal },
  input: PatchedCopyInput,
  use: (copy: PatchedCopy) => Promise<T>,
): Promise<T | Refused> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'firebreak-')))
  const guard = startGuard()
  guard.removeWithUs(folder)
  try {
    const root = join(folder, 'work')
    await mkdir(root)
    const copied = await copyWorkTree(deps, { ...input, into: root })
    if (!copied.ok) return copied
    await giveHistory(deps.git, input.repository, root).catch(async () => {
      // An unusual repository: without a history most programs run all the same.
      await rm(join(root, '.git'), { recursive: true, force: true })
      await deps.git.run(root, ['init', '--quiet', '--template='])
    })
    const refused = await applyPatch(deps.git, { root, folder, patch: input.patch })
    if (refused !== null) return refused
    const files = await listFiles(deps.git, root)
    return await use({ root, files, leftOut: copied.leftOut, untracked: copied.untracked })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    await guard.release()
  }
}

async function applyPatch(
  git: Git,
  { root, folder, patch }: { root: string; folder: string; patch: string },
): Promise<Refused | null> {
  const file = join(folder, 'fix.patch')
  await writeFile(file, patch)
  try {
    await git.run(root, ['apply', '--whitespace=nowarn', file])
    return null
  } catch (error) {
    const words = error instanceof Error ? error.message.replaceAll(folder, '') : String(error)
    return { ok: false, reason: `the patch does not apply to the work tree as it is now: ${words}` }
  }
}

/**
 * A repository of its own, so that a program that asks git for its version still gets an answer: the original's
 * objects are read where they are, branches and tags are written anew. None of its configuration comes along.
 */
async function giveHistory(git: Git, repository: string, root: string): Promise<void> {
  const ask = async (...args: readonly string[]): Promise<string> =>
    (await git.run(repository, args)).bytes.toString('utf8').trim()
  const format = await ask('rev-parse', '--show-object-format')
  await git.run(root, ['init', '--quiet', '--template=', `--object-format=${format}`])
  const objects = await ask('rev-parse', '--path-format=absolute', '--git-path', 'objects')
  const shallow = await ask('rev-parse', '--path-format=absolute', '--git-path', 'shallow')
  const refs = await ask('for-each-ref', '--format=%(objectname) %(refname)')
  await mkdir(join(root, '.git/objects/info'), { recursive: true })
  await writeFile(join(root, '.git/objects/info/alternates'), `${objects}\n`)
  await copyFile(shallow, join(root, '.git/shallow')).catch(() => {}) // only a shallow clone has one
  await writeFile(join(root, '.git/packed-refs'), refs === '' ? '' : `${refs}\n`)
  await writeFile(join(root, '.git/HEAD'), `${await ask('rev-parse', 'HEAD')}\n`)
  await git.run(root, ['read-tree', 'HEAD'])
}

async function listFiles(git: Git, root: string): Promise<readonly string[]> {
  const { bytes } = await git.run(root, ['ls-files', '-z', '--cached', '--others'])
  return bytes.toString('utf8').split('\0').filter(Boolean)
}
