import type { Git } from '../git.ts'
import { listFiles, readBlobs } from '../git.ts'
import type { ChangeRange } from './commit-candidate.ts'
import { namesOfErrors } from './error-words.ts'
import type { FileRole } from './file-role.ts'
import { fileRole, tracedFileRole } from './file-role.ts'
import type { CommitView } from './function-edits.ts'
import { sourceTexts, viewCommit } from './function-edits.ts'
import type { LineHistory, LineTouch } from './line-history.ts'
import { readLineHistory } from './line-history.ts'
import type { LocatedFrame } from './locate-frames.ts'
import { locateFrame, placeFrames, weighByChange } from './locate-frames.ts'
import type { CommitChange } from './parse-patch.ts'
import type { Scene } from './scene.ts'
import { suspectNames } from './suspect-names.ts'
import type { Symptoms } from './symptoms.ts'
import { ailmentsOf } from './symptoms.ts'

export type SceneInput = {
  readonly repository: string
  readonly range: ChangeRange
  readonly symptoms: Symptoms
}

/** Versions of files that are read, those of the trace first. */
const MAX_BLOBS = 1200

/** Reads what the clues look at: the sources of the trace and of the changes, and the history of the failing lines. */
export async function buildScene(
  git: Git,
  input: SceneInput,
  commits: readonly CommitChange[],
): Promise<Scene> {
  const { repository, range, symptoms } = input
  const files = await listFiles(git, repository, range.badCommit)
  const placed = placeFrames(symptoms, files)
  const today = (path: string): string => `${range.badCommit}:${path}`
  const traced = new Set(placed.map(({ file }) => file))
  const present = presentSources(files, commits, traced)
  const names = [...present.map(today), ...changedBlobs(commits, traced)]
  const texts = sourceTexts(await readBlobs(git, repository, names))
  const located = placed.map((one) => locateFrame(one, texts(today(one.file))))
  const pathToday = renames(commits)
  const roleOf = (path: string): FileRole =>
    traced.has(pathToday(path)) ? tracedFileRole(path) : fileRole(path)
  const views = commits.map((commit) => viewCommit(commit, texts, roleOf))
  const found = await readLineHistory(git, {
    repository,
    bad: range.badCommit,
    floor: range.goodCommit ?? commits.at(-1)?.parents[0] ?? null,
    frames: located,
    commits: new Map(commits.map((commit) => [commit.sha, commit])),
    namedByError: new Set(namesOfErrors(symptoms).keys()),
  })
  const frames = weighByChange(located, touchedFrames(found, views, pathToday))
  return {
    symptoms,
    ailments: ailmentsOf(symptoms),
    range,
    frames,
    history: reweighed(found, frames),
    views,
    suspects: suspectNames(symptoms, frames, { sourceToday: (path) => texts(today(path)), paths: present }),
    rarity: rarityOver(views),
    pathToday,
    sourceToday: (path) => texts(today(path)),
  }
}

/** Is the frame's line or function among what the range changed? */
function touchedFrames(
  history: LineHistory,
  views: readonly CommitView[],
  pathToday: (path: string) => string,
): (frame: LocatedFrame) => boolean {
  const lines = new Set([...history.values()].flatMap((touches) => touches.map(({ frame }) => frame)))
  const edits = views
    .flatMap((view) => view.files.flatMap((file) => file.edits))
    .filter((edit) => !edit.cosmetic)
  const functions = new Set(edits.map((edit) => `${pathToday(edit.file)}:${edit.owner}.${edit.name}`))
  return (frame) => lines.has(frame) || functions.has(`${frame.file}:${frame.owner}.${frame.function}`)
}

function reweighed(history: LineHistory, frames: readonly LocatedFrame[]): LineHistory {
  const today = new Map(frames.map((frame) => [`${frame.trace}:${frame.depth}`, frame]))
  const again = (touch: LineTouch): LineTouch => {
    const frame = today.get(`${touch.frame.trace}:${touch.frame.depth}`) ?? touch.frame
    return { ...touch, frame }
  }
  return new Map([...history].map(([sha, touches]) => [sha, touches.map(again)]))
}

const MAX_PRESENT = 300

/** Sources of the failing version that the trace or the range touches, and those beside the trace. */
function presentSources(
  files: readonly string[],
  commits: readonly CommitChange[],
  traced: ReadonlySet<string>,
): string[] {
  const existing = new Set(files)
  const changed = commits.flatMap((commit) => commit.files.map(({ path }) => path))
  const sources = changed.filter((path) => existing.has(path) && fileRole(path) === 'source')
  const folders = new Set([...traced].map((path) => path.slice(0, path.lastIndexOf('/') + 1)))
  const beside = files.filter(
    (path) => folders.has(path.slice(0, path.lastIndexOf('/') + 1)) && fileRole(path) === 'source',
  )
  return [...new Set([...traced, ...sources, ...beside])].slice(0, MAX_PRESENT)
}

/** Versions of the changed sources, those of the trace first. */
function changedBlobs(commits: readonly CommitChange[], traced: ReadonlySet<string>): string[] {
  const changes = commits
    .flatMap((commit) => commit.files)
    .filter(
      (file) =>
        !file.binary && (traced.has(file.path) || ['source', 'migration'].includes(fileRole(file.path))),
    )
  const first = changes.filter((file) => traced.has(file.path))
  const rest = changes.filter((file) => !traced.has(file.path))
  const blobs = [...first, ...rest]
    .flatMap((file) => [file.newBlob, file.oldBlob])
    .filter((blob) => blob !== null)
  return [...new Set(blobs)].slice(0, MAX_BLOBS)
}

/** Inverse document frequency over the range, scaled to 0–1. */
function rarityOver(views: readonly CommitView[]): (name: string) => number {
  const counts = new Map<string, number>()
  for (const view of views) {
    const names = new Set(view.files.flatMap(({ edits }) => edits.flatMap((edit) => [...edit.changedNames])))
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const scale = Math.log(views.length + 1)
  return (name) => Math.log((views.length + 1) / Math.max(1, counts.get(name) ?? 0)) / scale
}

function renames(commits: readonly CommitChange[]): (path: string) => string {
  const today = new Map<string, string>()
  for (const file of commits.flatMap((commit) => commit.files)) {
    if (file.oldPath === file.path) continue
    if (!today.has(file.oldPath)) today.set(file.oldPath, today.get(file.path) ?? file.path)
  }
  return (path) => today.get(path) ?? path
}
