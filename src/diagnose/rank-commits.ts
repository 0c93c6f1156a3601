import type { Git } from '../git.ts'
import { listFiles, logPatches } from '../git.ts'
import type { SceneInput } from './build-scene.ts'
import { buildScene } from './build-scene.ts'
import { LOOKED_AT } from './change-range.ts'
import { allClues } from './clues/all-clues.ts'
import type { Sighting } from './clues/clue.ts'
import type { Signal } from './clue-weights.ts'
import { clueWeights, NONE_OF_THESE, SIZE_WEIGHT, traceShares, traceSignals } from './clue-weights.ts'
import type { CandidateReason, ChangedHunk, ChangeRange, CommitCandidate } from './commit-candidate.ts'
import { fileRole } from './file-role.ts'
import type { CommitView } from './function-edits.ts'
import { addsNamesOnly, isInert, isNewFunction } from './inert-edit.ts'
import { placeFrames } from './locate-frames.ts'
import type { CommitChange } from './parse-patch.ts'
import { parsePatches } from './parse-patch.ts'
import type { Scene } from './scene.ts'

export type RankInput = SceneInput

const MAX_PATCH_BYTES = 48 * 1024 * 1024

/** The commits of the range, the one that explains the failure best first. Reads the range only, never all history. */
export async function rankCommits(deps: { git: Git }, input: RankInput): Promise<CommitCandidate[]> {
  const commits = await readCommits(deps.git, input)
  if (commits.length === 0) return []
  const scene = await buildScene(deps.git, input, commits)
  const first = firstCommits(commits)
  const judged = scene.views.filter(({ commit }) => !first.has(commit)).map((view) => judge(scene, view))
  return withProbabilities(judged, input.range)
}

async function readCommits(git: Git, { repository, range, symptoms }: RankInput): Promise<CommitChange[]> {
  const revisions = range.goodCommit === null ? [range.badCommit] : [range.badCommit, `^${range.goodCommit}`]
  const maxCommits = Math.min(LOOKED_AT, Math.max(1, range.commits))
  const question = { repository, revisions, maxCommits, maxBytes: MAX_PATCH_BYTES }
  const commits = parsePatches(await logPatches(git, question))
  if (range.commits > LOOKED_AT) {
    // Of a range that is too long, at least everything that touched the trace.
    const files = placeFrames(symptoms, await listFiles(git, repository, range.badCommit)).map(
      ({ file }) => file,
    )
    const known = new Set(commits.map(({ sha }) => sha))
    const touching =
      files.length === 0 ? '' : await logPatches(git, { ...question, paths: [...new Set(files)] })
    commits.push(...parsePatches(touching).filter(({ sha }) => !known.has(sha)))
  }
  return withoutBoundary(git, repository, commits)
}

/** The first commit of a shallow clone seems to add everything; it says nothing. */
async function withoutBoundary(
  git: Git,
  repository: string,
  commits: CommitChange[],
): Promise<CommitChange[]> {
  const { bytes } = await git.run(repository, ['rev-parse', '--is-shallow-repository'])
  if (bytes.toString('utf8').trim() !== 'true') return commits
  const known = commits.filter((commit) => commit.parents.length > 0)
  return known.length === 0 ? commits : known
}

/**
 * What was there from the beginning is no change: the first commit would explain any failure, and taking it back would
 * take the program away. Where it holds no source (a licence and a README), the one that brought the first source is
 * meant.
 */
function firstCommits(commits: readonly CommitChange[]): ReadonlySet<CommitChange> {
  const hasSource = ({ files }: CommitChange): boolean =>
    files.some(({ path }) => fileRole(path) === 'source')
  const roots = commits.filter(({ parents }) => parents.length === 0)
  if (roots.length === 0 || roots.some(hasSource)) return new Set(roots)
  return new Set([...roots, ...commits.filter(hasSource).slice(-1)])
}

type Judged = Omit<CommitCandidate, 'probability'>

function judge(scene: Scene, view: CommitView): Judged {
  const sightings = allClues.flatMap((clue) => clue(scene, view)).filter(({ strength }) => strength > 0.02)
  const bySignal = Map.groupBy(sightings, ({ signal }) => signal)
  const reasons = [...bySignal]
    .map(([signal, seen]) => ({ signal, seen, reason: combine(scene, signal, seen) }))
    .sort((a, b) => b.reason.weight - a.reason.weight)
  const prior = SIZE_WEIGHT * Math.min(6, Math.log(1 + linesThatMatter(view)))
  const { sha, subject, committedAt } = view.commit
  return {
    sha,
    subject,
    committedAt,
    score: reasons.reduce((sum, { reason }) => sum + reason.weight, prior),
    reasons: reasons.map(({ reason }) => reason),
    hunks: tellingHunks(reasons.filter(({ reason }) => reason.weight > 0).flatMap(({ seen }) => seen)),
  }
}

/** New functions and log lines count a quarter: what worked before does not call them. */
function linesThatMatter({ files }: CommitView): number {
  const edits = files
    .filter(({ role }) => role === 'source' || role === 'migration')
    .flatMap((file) => file.edits)
    .filter((edit) => !edit.cosmetic)
  return edits.reduce((sum, edit) => {
    const lines = edit.removed.length + edit.added.length
    return sum + (isNewFunction(edit) || isInert(edit) || addsNamesOnly(edit) ? 0.25 : 1) * lines
  }, 0)
}

/** A commit that touches everything touches what failed, too: no more than so many sightings of a signal count. */
const COUNTED = 3

/** Several sightings of one signal are as independent chances: none of them can exceed the signal's full weight. */
function combine(scene: Scene, signal: Signal, seen: readonly Sighting[]): CandidateReason {
  const { kind, weight } = clueWeights[signal]
  const strongest = seen.toSorted((a, b) => b.strength - a.strength)
  const counted = strongest.slice(0, COUNTED)
  const strength = 1 - counted.reduce((miss, sighting) => miss * (1 - Math.min(1, sighting.strength)), 1)
  const summary = strongest[0]?.summary ?? ''
  const more = strongest.length > 1 ? ` (and ${strongest.length - 1} more)` : ''
  const share = traceSignals.has(signal)
    ? Math.min(1, ...[...scene.ailments].map((one) => traceShares[one] ?? 1))
    : 1
  return { kind, summary: `${summary}${more}`, weight: weight * strength * share }
}

const MAX_HUNKS = 12

/** In the order of the reasons' weight; a place that was named before is not repeated. */
function tellingHunks(seen: readonly Sighting[]): ChangedHunk[] {
  const hunks = new Map<string, ChangedHunk>()
  const ordered = seen.toSorted(
    (a, b) => b.strength * clueWeights[b.signal].weight - a.strength * clueWeights[a.signal].weight,
  )
  for (const hunk of ordered.flatMap((sighting) => sighting.hunks)) {
    const key = `${hunk.file}:${hunk.oldStart}:${hunk.newStart}:${hunk.lines.length}`
    if (!hunks.has(key)) hunks.set(key, hunk)
  }
  return [...hunks.values()].slice(0, MAX_HUNKS)
}

/** Softmax over the candidates and the chance that it is none of them. */
function withProbabilities(judged: readonly Judged[], range: ChangeRange): CommitCandidate[] {
  const none = range.goodCommit === null ? NONE_OF_THESE.releaseUnknown : NONE_OF_THESE.releaseKnown
  const top = Math.max(none, ...judged.map(({ score }) => score))
  const mass = judged.reduce((sum, { score }) => sum + Math.exp(score - top), Math.exp(none - top))
  return judged
    .map((one) => ({ ...one, probability: Math.exp(one.score - top) / mass }))
    .sort((a, b) => b.score - a.score)
}
