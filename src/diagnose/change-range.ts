import { AppError } from '../errors.ts'
import type { Git } from '../git.ts'
import { resolveCommit } from '../git.ts'
import type { Deploy } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { toIso } from '../time.ts'
import type { ChangeRange } from './commit-candidate.ts'
import { workTreeChanges } from './work-tree-changes.ts'

export type ChangeRangeInput = {
  readonly repository: string
  readonly deploys: readonly Deploy[]
  readonly onsetAt: EpochMs | null
}

/** How far back to look where nobody says what the last good version was. */
const LAST_COMMITS = 50
/** More commits than this are hardly one release; `rankCommits` then leaves old ones out. */
export const LOOKED_AT = 800

type Search = ChangeRangeInput & { readonly git: Git; readonly head: string; readonly notes: string[] }
type Bounds = { good: string | null; bad: string; how: string; deployedAt: EpochMs | null }

/**
 * The commits between the last good release and the failing one: from the deploys where they are known, else from the
 * tags, else the last commits. Null where the folder is under no version control. Throws `NOT_A_REPOSITORY` where
 * there are no commits.
 */
export async function findChangeRange(
  deps: { git: Git },
  input: ChangeRangeInput,
): Promise<ChangeRange | null> {
  const { git } = deps
  const { repository } = input
  const head = await resolveCommit(git, repository, 'HEAD')
  if (head === null) {
    if (!(await isRepository(git, repository))) return null
    throw new AppError(
      'NOT_A_REPOSITORY',
      `expected a repository with commits, found none at ${repository}`,
      {
        hint: 'commit the code that runs, or leave --repo out',
      },
    )
  }
  const search: Search = { ...input, git, head, notes: [] }
  const bounds = (await fromDeploys(search)) ?? (await fromTags(search)) ?? lastCommits(search, head, null)
  const commits = await countCommits(search, bounds)
  if (commits > LOOKED_AT)
    search.notes.push(
      `of ${commits} commits, the newest ${LOOKED_AT} and those that touch the trace are looked at`,
    )
  await noteState(search, bounds)
  return {
    goodCommit: bounds.good,
    badCommit: bounds.bad,
    how: bounds.good === null ? `last ${commits} commits` : bounds.how,
    deployedAt: bounds.deployedAt,
    commits,
    notes: search.notes,
  }
}

async function isRepository(git: Git, repository: string): Promise<boolean> {
  try {
    await git.run(repository, ['rev-parse', '--git-dir'])
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_A_REPOSITORY') return false
    throw error
  }
}

/** The last release at or before the onset, and what ran before it. */
async function fromDeploys(search: Search): Promise<Bounds | null> {
  const known = search.deploys.filter((deploy) => deploy.commit !== null).toSorted((a, b) => a.at - b.at)
  if (known.length === 0) return null
  const { onsetAt } = search
  const index = onsetAt === null ? known.length - 1 : known.findLastIndex((deploy) => deploy.at <= onsetAt)
  const failing = known[index]
  if (failing === undefined || failing.commit === null) {
    search.notes.push(`no deploy is as old as the onset; the first is of ${toIso(known[0]?.at ?? 0)}`)
    return null
  }
  const bad = await resolveCommit(search.git, search.repository, failing.commit)
  if (bad === null) {
    search.notes.push(`the deployed commit ${failing.commit} is not in this repository`)
    return null
  }
  const before = [
    failing.previousCommit,
    ...known
      .slice(0, index)
      .reverse()
      .map((deploy) => deploy.commit),
  ]
  for (const name of before) {
    const good = name === null ? null : await resolveCommit(search.git, search.repository, name)
    if (name !== null && good === null)
      search.notes.push(`the commit ${name} before it is not in this repository`)
    if (good === null || good === bad) continue
    if (!(await hasCommits(search, good, bad))) {
      search.notes.push(
        `the deploy of ${bad.slice(0, 7)} went back to older code: ${good.slice(0, 7)} holds all of it`,
      )
      continue
    }
    const how = `deploys ${good.slice(0, 7)}..${bad.slice(0, 7)}`
    return { good, bad, how, deployedAt: failing.at }
  }
  const tagged = await fromTags({ ...search, head: bad, onsetAt: null })
  return tagged === null ? lastCommits(search, bad, failing.at) : { ...tagged, deployedAt: failing.at }
}

type Tag = { readonly name: string; readonly commit: string; readonly at: EpochMs }

/**
 * The newest release tag that the onset allows, the one before it in its history, and what came on top. A tag tells when
 * a release was made, never when it went live.
 */
async function fromTags(search: Search): Promise<Bounds | null> {
  const { onsetAt, head } = search
  const made = await releaseTags(search, head)
  const failing = await newest(search, onsetAt === null ? made : made.filter((tag) => tag.at <= onsetAt))
  if (failing === null) return null
  const earlier = await releaseTags(search, failing.commit)
  const good = await newest(
    search,
    earlier.filter(({ commit }) => commit !== failing.commit),
  )
  if (failing.commit === head || !(await hasCommits(search, failing.commit, head))) {
    if (good === null) return null
    const how = `tags ${good.name}..${failing.name}`
    return { good: good.commit, bad: failing.commit, how, deployedAt: null }
  }
  // Nobody knows whether the tag or what lies on top of it runs: take both.
  const from = good ?? failing
  const how = good === null ? `tag ${failing.name}..HEAD` : `tags ${good.name}..${failing.name}, and HEAD`
  return { good: from.commit, bad: head, how, deployedAt: null }
}

/** The first by time; of tags made in the same second (a script's, an import's) the one that the others lead to. */
async function newest(search: Search, tags: readonly Tag[]): Promise<Tag | null> {
  const [first] = tags
  if (first === undefined) return null
  const equals = tags.filter(({ at }) => at === first.at)
  const commits = [...new Set(equals.map(({ commit }) => commit))]
  if (commits.length < 2) return first
  const { bytes } = await search.git.run(search.repository, ['merge-base', '--independent', ...commits])
  const tips = new Set(bytes.toString('utf8').trim().split('\n'))
  return equals.find(({ commit }) => tips.has(commit)) ?? first
}

/** The release tags in the history of a commit, the newest first. */
async function releaseTags(search: Search, of: string): Promise<readonly Tag[]> {
  const format = '--format=%(refname:short)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)'
  const args = ['for-each-ref', `--merged=${of}`, '--sort=-creatordate', '--count=400', format, 'refs/tags']
  const { bytes } = await search.git.run(search.repository, args)
  const tags: Tag[] = []
  for (const row of bytes.toString('utf8').split('\n')) {
    const [name = '', object = '', peeled = '', seconds = ''] = row.split('\0')
    if (object !== '')
      tags.push({ name, commit: peeled === '' ? object : peeled, at: Number(seconds) * 1000 })
  }
  const versions = tags.filter((tag) =>
    /\d+[._-]\d+|^(v|r|release|deploy|prod|build)[-/_.]?\d/i.test(tag.name),
  )
  return versions.length >= 2 ? versions : tags
}

function lastCommits(search: Search, bad: string, deployedAt: EpochMs | null): Bounds {
  search.notes.push('neither deploys nor tags say what ran before')
  return { good: null, bad, how: '', deployedAt }
}

async function hasCommits(search: Search, good: string, bad: string): Promise<boolean> {
  const args = ['rev-list', '--count', '--max-count=1', `${good}..${bad}`]
  const { bytes } = await search.git.run(search.repository, args)
  return bytes.toString('utf8').trim() !== '0'
}

async function countCommits(search: Search, bounds: Bounds): Promise<number> {
  const range =
    bounds.good === null ? [`--max-count=${LAST_COMMITS}`, bounds.bad] : [`${bounds.good}..${bounds.bad}`]
  const { bytes } = await search.git.run(search.repository, ['rev-list', '--count', ...range])
  return Number(bytes.toString('utf8').trim())
}

async function noteState(search: Search, bounds: Bounds): Promise<void> {
  const { git, repository, notes } = search
  const { bytes } = await git.run(repository, [
    'rev-parse',
    '--is-shallow-repository',
    '--is-bare-repository',
  ])
  const [shallow, bare] = bytes.toString('utf8').trim().split('\n')
  if (shallow === 'true') notes.push('shallow clone: history before its first commit is not here')
  if (bare === 'true') return
  if (bounds.bad !== search.head)
    notes.push(`the work tree is at ${search.head.slice(0, 7)}, not at the failing commit`)
  const { bytes: root } = await git.run(repository, ['rev-parse', '--show-toplevel'])
  const dirty = await workTreeChanges(git, root.toString('utf8').trim())
  if (dirty.length > 0) {
    const more = dirty.length > 3 ? ` and ${dirty.length - 3} more` : ''
    notes.push(`the work tree has changes that are not committed: ${dirty.slice(0, 3).join(', ')}${more}`)
  }
}
