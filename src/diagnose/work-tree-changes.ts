import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../git.ts'

type IndexEntry = {
  readonly path: string
  readonly id: string
  readonly mtimeNs: bigint
  readonly size: bigint
}

/** More tracked files than this are not looked at one by one. */
const MAX_FILES = 60_000
const MAX_HASHED = 200

/**
 * Tracked files whose text differs from the index. `git status` and `git diff-files` would run the clean filters that
 * the repository configures, so times and sizes are compared here, and what looks touched is hashed without filters.
 */
export async function workTreeChanges(git: Git, root: string): Promise<readonly string[]> {
  const entries = await readIndex(git, root)
  if (entries.length > MAX_FILES) return []
  const gone: string[] = []
  const touched: IndexEntry[] = []
  for (let from = 0; from < entries.length; from += 500) {
    const some = entries.slice(from, from + 500)
    const stats = await Promise.all(
      some.map(({ path }) => lstat(join(root, path), { bigint: true }).catch(() => null)),
    )
    for (const [index, entry] of some.entries()) {
      const found = stats[index]
      if (found === null || found === undefined) gone.push(entry.path)
      else if (found.size !== entry.size || found.mtimeNs !== entry.mtimeNs) touched.push(entry)
    }
  }
  return [...gone, ...(await differing(git, root, touched))]
}

/** `git ls-files --debug` tells what the index remembers of each file, without looking at the file. */
async function readIndex(git: Git, root: string): Promise<IndexEntry[]> {
  const { bytes } = await git.run(root, ['ls-files', '-s', '-z', '--debug'])
  const form = /100\d{3} ([0-9a-f]{40,64}) 0\t([^\0]+)\0\s+ctime: \S+\s+mtime: (\d+):(\d+)\s[^]*?size: (\d+)/g
  return [...bytes.toString('utf8').matchAll(form)].map(
    ([, id = '', path = '', seconds = '0', nanos = '0', size = '0']) => ({
      id,
      path,
      mtimeNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
      size: BigInt(size),
    }),
  )
}

async function differing(git: Git, root: string, touched: readonly IndexEntry[]): Promise<readonly string[]> {
  const some = touched.filter(({ path }) => !path.includes('\n')).slice(0, MAX_HASHED)
  if (some.length === 0) return []
  const stdin = some.map(({ path }) => `${path}\n`).join('')
  const options = { stdin, okCodes: [0, 128] }
  const { bytes } = await git.run(root, ['hash-object', '--no-filters', '--stdin-paths'], options)
  const ids = bytes.toString('utf8').split('\n')
  return some.filter(({ id }, index) => ids[index] !== id).map(({ path }) => path)
}
