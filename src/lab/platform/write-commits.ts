import type { Git } from '../../git.ts'
import type { EpochMs } from '../../time.ts'
import type { FileTree } from './commit-patch.ts'

export type NewCommit = {
  readonly subject: string
  readonly body: string
  readonly at: EpochMs
  /** All files as they are after it. */
  readonly files: FileTree
}

export type CommitOrder = {
  readonly repository: string
  /** The commit to go on from; null begins a history. */
  readonly onto: string | null
  /** The files of `onto`. */
  readonly before: FileTree
  /** Oldest first. */
  readonly commits: readonly NewCommit[]
}

const AUTHOR = 'Shop team <team@shop.example>'

/**
 * Writes commits in one go (git fast-import), moves the branch `main` to the last one and the work tree with it.
 * Returns their ids, oldest first. What was on `main` before stays in the repository where a tag holds it.
 */
export async function writeCommits(git: Git, order: CommitOrder): Promise<readonly string[]> {
  const { repository, onto, commits } = order
  let before = order.before
  const stream: string[] = ['feature done\n']
  for (const [index, commit] of commits.entries()) {
    const parent = index === 0 ? onto : null // fast-import goes on from the commit before by itself
    stream.push(head(commit, parent), changes(before, commit.files))
    before = commit.files
  }
  stream.push('done\n')
  if (onto !== null) await git.run(repository, ['update-ref', 'refs/heads/main', onto])
  await git.run(repository, ['fast-import', '--quiet', '--force', '--date-format=raw'], {
    stdin: stream.join(''),
  })
  await git.run(repository, ['reset', '--quiet', '--hard', 'main'])
  const range = onto === null ? 'main' : `${onto}..main`
  const { bytes } = await git.run(repository, ['rev-list', '--reverse', range])
  return bytes.toString('utf8').trim().split('\n').filter(Boolean)
}

function head(commit: NewCommit, parent: string | null): string {
  const message = commit.body === '' ? `${commit.subject}\n` : `${commit.subject}\n\n${commit.body}\n`
  return [
    'commit refs/heads/main\n',
    `committer ${AUTHOR} ${Math.floor(commit.at / 1000)} +0000\n`,
    data(message),
    parent === null ? '' : `from ${parent}\n`,
  ].join('')
}

function changes(before: FileTree, after: FileTree): string {
  const removed = [...before.keys()].filter((path) => !after.has(path)).map((path) => `D ${path}\n`)
  const written = [...after]
    .filter(([path, text]) => before.get(path) !== text)
    .map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`)
  return `${[...removed, ...written].join('')}\n`
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}
