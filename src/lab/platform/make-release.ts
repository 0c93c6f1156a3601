import { AppError } from '../../errors.ts'
import { listFiles, readBlobs, resolveCommit } from '../../git.ts'
import type { Git } from '../../git.ts'
import type { EpochMs } from '../../time.ts'
import { createChance } from '../faults/chance.ts'
import type { Chance, Seed } from '../faults/chance.ts'
import { applyCommitPatch } from './commit-patch.ts'
import type { CommitPatch, FileTree } from './commit-patch.ts'
import { tagCommits } from './make-repository.ts'
import { readShopSources } from './shop-sources.ts'
import type { ShopSources } from './shop-sources.ts'
import { writeCommits } from './write-commits.ts'
import type { NewCommit } from './write-commits.ts'

export type ReleaseOrder = {
  /** A folder of `shop/faults/`; null for a release in which everything works. */
  readonly fault: string | null
  /** One of its sites; drawn where it is left out. */
  readonly site?: string
  readonly seed: Seed
  readonly now: EpochMs
  /** The commit to go on from; the head of `main` where it is left out. */
  readonly onto?: string
}

export type MadeRelease = {
  readonly head: string
  readonly onto: string
  readonly version: string
  readonly tag: string
  /** Oldest first; the last one sets the version. */
  readonly commits: readonly { readonly sha: string; readonly subject: string }[]
  /** The commit that is to blame. */
  readonly culprit: { readonly sha: string; readonly subject: string; readonly site: string } | null
}

type Deps = { readonly git: Git; readonly sources?: ShopSources }

const INNOCENT = { least: 5, most: 12 }
/** The work of so long goes into one release. */
const WORK_MS = 20 * 3_600_000

/**
 * Makes one release on top of a commit: 5–12 innocent commits in a drawn order, the fault's commit somewhere among
 * them, and one that sets the version. Moves `main` there and tags it. Refuses an unknown fault or site with
 * `LAB_NAME_UNKNOWN`.
 */
export async function makeRelease(deps: Deps, repository: string, order: ReleaseOrder): Promise<MadeRelease> {
  const sources = deps.sources ?? (await readShopSources())
  const chance = createChance(order.seed)
  const culprit = order.fault === null ? null : drawSite(sources, order, chance)
  const onto = await resolveCommit(deps.git, repository, order.onto ?? 'main')
  if (onto === null)
    throw new AppError('LAB_NAME_UNKNOWN', `expected a commit, found "${order.onto ?? 'main'}"`)
  const before = await readCommit(deps.git, repository, onto)
  const patches = drawPatches(sources, before, { culprit, chance })
  const version = await nextVersion(deps.git, repository)
  const contents = { repository, onto, before, patches, notes: releaseNotes(version, patches, chance) }
  const commits = await dated(deps.git, contents, { now: order.now, chance })
  const shas = await writeCommits(deps.git, { repository, onto, before, commits })
  const head = shas.at(-1) ?? onto
  await tagCommits(deps.git, repository, [{ tag: `v${version}`, commit: head }])
  const index = culprit === null ? -1 : patches.findIndex((patch) => patch === culprit)
  return {
    head,
    onto,
    version,
    tag: `v${version}`,
    commits: commits.map(({ subject }, at) => ({ sha: shas[at] ?? '', subject })),
    culprit:
      culprit === null ? null : { sha: shas[index] ?? '', subject: culprit.subject, site: culprit.name },
  }
}

/** Takes `main` back to a commit, such as the one that a release was made on; its tag holds what came after. */
export async function resetMain(git: Git, repository: string, commit: string): Promise<void> {
  await git.run(repository, ['update-ref', 'refs/heads/main', commit])
  await git.run(repository, ['reset', '--quiet', '--hard', 'main'])
}

function drawSite(sources: ShopSources, { fault, site }: ReleaseOrder, chance: Chance): CommitPatch {
  const [first, ...rest] = sources.faults.get(fault ?? '') ?? []
  if (first === undefined) {
    const known = [...sources.faults.keys()].join(', ')
    throw new AppError('LAB_NAME_UNKNOWN', `expected a fault of the shop (${known}), found "${fault}"`)
  }
  if (site === undefined) return chance.pick([first, ...rest])
  const named = [first, ...rest].find((patch) => patch.name === site)
  if (named !== undefined) return named
  const known = [first, ...rest].map((patch) => patch.name).join(', ')
  throw new AppError('LAB_NAME_UNKNOWN', `expected a site of ${fault} (${known}), found "${site}"`)
}

type Step = (files: FileTree) => FileTree | null

/** Patches in the order in which they are committed; one that does not fit any more gives its place to the next. */
function drawPatches(
  sources: ShopSources,
  before: FileTree,
  { culprit, chance }: { culprit: CommitPatch | null; chance: Chance },
): readonly CommitPatch[] {
  const count = chance.whole(INNOCENT.least, INNOCENT.most)
  const place = chance.whole(0, count)
  const fits: Step = (files) => (culprit === null ? files : applyCommitPatch(files, culprit))
  if (fits(before) === null) {
    throw new AppError(
      'LAB_FAILED',
      `expected the change ${culprit?.name} to fit the release, but it does not`,
    )
  }
  const drawn: CommitPatch[] = []
  let files = before
  let isIn = culprit === null
  for (const patch of chance.shuffle(sources.innocent)) {
    if (!isIn && culprit !== null && drawn.length === place) {
      files = fits(files) ?? files
      drawn.push(culprit)
      isIn = true
    }
    if (drawn.length - (isIn && culprit !== null ? 1 : 0) >= count) break
    const after = applyCommitPatch(files, patch)
    if (after === null || (!isIn && fits(after) === null)) continue
    files = after
    drawn.push(patch)
  }
  return isIn || culprit === null ? drawn : [...drawn, culprit]
}

/** The last commit of a release: the version, and what is new in it. */
function releaseNotes(version: string, patches: readonly CommitPatch[], chance: Chance): ReleaseNotes {
  const subjects = chance.shuffle(patches.map((patch) => patch.subject)).slice(0, 3)
  return {
    version,
    subject: `Release ${version}`,
    body: '',
    lines: subjects.map((subject) => `- ${subject}\n`),
  }
}

type ReleaseNotes = Pick<CommitPatch, 'subject' | 'body'> & {
  readonly version: string
  readonly lines: readonly string[]
}

function withVersion(files: FileTree, { version, lines }: ReleaseNotes): FileTree {
  const manifest = files.get('package.json') ?? ''
  const changelog = files.get('CHANGELOG.md') ?? '# Changelog\n\n'
  return new Map(files)
    .set('package.json', manifest.replace(/"version": "[^"]*"/, `"version": "${version}"`))
    .set(
      'CHANGELOG.md',
      changelog.replace('# Changelog\n', () => `# Changelog\n\n## ${version}\n\n${lines.join('')}`),
    )
}

async function nextVersion(git: Git, repository: string): Promise<string> {
  const { bytes } = await git.run(repository, ['tag', '--list', 'v*'])
  const versions = [...bytes.toString('utf8').matchAll(/^v(\d+)\.(\d+)\.\d+$/gm)]
  const numbers = versions.map(([, major, minor]) => [Number(major), Number(minor)] as const)
  const [major, minor] = numbers.sort((a, b) => a[0] - b[0] || a[1] - b[1]).at(-1) ?? [1, 0]
  return `${major}.${minor + 1}.0`
}

type Contents = {
  readonly repository: string
  readonly onto: string
  readonly before: FileTree
  readonly patches: readonly CommitPatch[]
  readonly notes: ReleaseNotes
}

/** The commits with their files, spread over the time since the one before them, the last one a few minutes ago. */
async function dated(
  git: Git,
  { repository, onto, before, patches, notes }: Contents,
  { now, chance }: { now: EpochMs; chance: Chance },
): Promise<readonly NewCommit[]> {
  const { bytes } = await git.run(repository, ['log', '-1', '--format=%ct', onto])
  const from = Math.max(Number(bytes.toString('utf8')) * 1000, now - WORK_MS)
  const until = Math.max(from, now - chance.whole(2, 9) * 60_000)
  const times = patches.map(() => from + chance.fraction() * (until - from)).sort((a, b) => a - b)
  let files = before
  const commits = patches.map((patch, index): NewCommit => {
    files = applyCommitPatch(files, patch) ?? files // it did when it was drawn
    return { subject: patch.subject, body: patch.body, at: times[index] ?? until, files }
  })
  return [
    ...commits,
    { subject: notes.subject, body: notes.body, at: until, files: withVersion(files, notes) },
  ]
}

async function readCommit(git: Git, repository: string, commit: string): Promise<FileTree> {
  const paths = await listFiles(git, repository, commit)
  const texts = await readBlobs(
    git,
    repository,
    paths.map((path) => `${commit}:${path}`),
  )
  return new Map(paths.map((path): [string, string] => [path, texts.get(`${commit}:${path}`) ?? '']))
}
