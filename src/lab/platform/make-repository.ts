import { mkdir } from 'node:fs/promises'
import { AppError } from '../../errors.ts'
import type { Git } from '../../git.ts'
import type { EpochMs } from '../../time.ts'
import { createChance } from '../faults/chance.ts'
import type { Chance, Seed } from '../faults/chance.ts'
import { applyCommitPatch } from './commit-patch.ts'
import type { FileTree } from './commit-patch.ts'
import { readShopSources } from './shop-sources.ts'
import type { ShopSources } from './shop-sources.ts'
import { writeCommits } from './write-commits.ts'
import type { NewCommit } from './write-commits.ts'

export type ShopRelease = { readonly version: string; readonly tag: string; readonly commit: string }

export type ShopRepository = {
  /** The last commit of `main`; it is the last release. */
  readonly head: string
  /** Commits by tag. */
  readonly tags: Readonly<Record<string, string>>
  /** Oldest first. */
  readonly releases: readonly ShopRelease[]
}

const FIRST_SUBJECT = 'Move the shop into a repository of its own'
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** The history begins so long before now, and has come to rest a day before it. */
const SPAN_MS = 44 * DAY_MS

/**
 * Makes the shop's git repository at `directory`: some thirty commits of the last weeks, with tags for releases. The
 * same seed and time give the same commits.
 */
export async function makeShopRepository(
  deps: { readonly git: Git; readonly sources?: ShopSources },
  directory: string,
  options: { readonly seed: Seed; readonly now: EpochMs },
): Promise<ShopRepository> {
  const sources = deps.sources ?? (await readShopSources())
  const states = statesOf(sources)
  const times = workingHours(createChance(options.seed), states.length, options.now)
  const commits = states.map((state, index): NewCommit => ({ ...state, at: times[index] ?? options.now }))
  await mkdir(directory, { recursive: true })
  await deps.git.run(directory, ['init', '--quiet', '--template=', '--initial-branch=main'])
  const order = { repository: directory, onto: null, before: new Map(), commits }
  const shas = await writeCommits(deps.git, order)
  const releases = releasesOf(sources, shas)
  await tagCommits(deps.git, directory, releases)
  return {
    head: shas.at(-1) ?? '',
    tags: Object.fromEntries(releases.map(({ tag, commit }) => [tag, commit])),
    releases,
  }
}

/** The files after the first commit and after each patch of the history. */
export function statesOf(sources: ShopSources): readonly Omit<NewCommit, 'at'>[] {
  let files: FileTree = sources.base
  const states = [{ subject: FIRST_SUBJECT, body: '', files }]
  for (const patch of sources.history) {
    const after = applyCommitPatch(files, patch)
    if (after === null)
      throw new AppError('LAB_FAILED', `expected the patch ${patch.name} to fit the commit before it`)
    files = after
    states.push({ subject: patch.subject, body: patch.body, files })
  }
  return states
}

function releasesOf(sources: ShopSources, shas: readonly string[]): readonly ShopRelease[] {
  return sources.history.flatMap((patch, index) => {
    const tag = sources.tags.get(patch.name)
    const commit = shas[index + 1] // the first commit is no patch
    return tag === undefined || commit === undefined ? [] : [{ version: tag.replace(/^v/, ''), tag, commit }]
  })
}

/** Plain tags, all in one process. */
export async function tagCommits(
  git: Git,
  repository: string,
  tagged: readonly Pick<ShopRelease, 'tag' | 'commit'>[],
): Promise<void> {
  const lines = tagged.map(({ tag, commit }) => `create refs/tags/${tag} ${commit}\n`)
  await git.run(repository, ['update-ref', '--stdin'], { stdin: lines.join('') })
}

/** So many times, in order, on weekdays from eight to six (UTC), as a team would have them. */
function workingHours(chance: Chance, count: number, now: EpochMs): readonly EpochMs[] {
  const from = now - SPAN_MS
  const until = now - DAY_MS
  const times: EpochMs[] = []
  let last = 0
  for (let index = 0; index < count; index += 1) {
    const drawn = from + ((until - from) * (index + chance.fraction())) / count
    const date = new Date(drawn)
    const late = [2, 0, 0, 0, 0, 0, 1][date.getUTCDay()] ?? 0 // Sunday and Saturday become Friday
    const day = Math.floor(drawn / DAY_MS) * DAY_MS - late * DAY_MS
    const at = day + 8 * HOUR_MS + chance.whole(0, 10 * HOUR_MS)
    last = Math.min(until, Math.max(at, last + chance.whole(4, 50) * 60_000))
    times.push(last)
  }
  return times
}
