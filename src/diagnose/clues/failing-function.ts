import { runAsHunk } from '../change-runs.ts'
import { namesIn } from '../code-words.ts'
import type { CommitView, FunctionEdit } from '../function-edits.ts'
import type { LocatedFrame } from '../locate-frames.ts'
import type { Scene } from '../scene.ts'
import type { Clue, Sighting } from './clue.ts'

/** Did the commit edit a function of the trace, near what fails in it? Also where nothing of the edit is left today. */
export const failingFunction: Clue = (scene, view) => {
  const sightings: Sighting[] = []
  const seen = new Set<string>()
  for (const frame of scene.frames) {
    const key = `${frame.file}:${frame.owner}.${frame.function}`
    if (seen.has(key)) continue
    seen.add(key)
    for (const edit of editsOf(scene, view, frame)) sightings.push(sightingOf(scene, frame, edit))
  }
  return [...sightings, ...touchedFiles(scene, view)]
}

function editsOf(scene: Scene, view: CommitView, frame: LocatedFrame): FunctionEdit[] {
  const files = view.files.filter((file) => scene.pathToday(file.change.path) === frame.file)
  return files
    .flatMap((file) => file.edits)
    .filter((edit) => !edit.cosmetic && edit.name === (frame.function ?? '') && edit.owner === frame.owner)
}

function sightingOf(scene: Scene, frame: LocatedFrame, edit: FunctionEdit): Sighting {
  // Code outside functions (a frame `<module>`) is too wide a place to mean much.
  const place = edit.name === '' ? 0.4 : 1
  const near = nearness(scene, frame, edit)
  return {
    signal: 'edited-failing-function',
    strength: frame.weight * place * (0.35 + 0.65 * near),
    summary: `edited ${edit.name === '' ? 'the top level' : edit.name} of ${frame.file}, which the trace runs through`,
    hunks: edit.runs.map((run) => runAsHunk(run, (line) => edit.added.includes(line))),
  }
}

/** 0–1: do the changed lines speak of the names that the failing statement uses? */
export function nearness(scene: Scene, frame: LocatedFrame, edit: FunctionEdit): number {
  const wanted = new Set(namesIn(frame.statement))
  if (wanted.size === 0) return 0.3
  let total = 0
  let met = 0
  for (const name of wanted) {
    const worth = 0.2 + scene.rarity(name)
    total += worth
    if (edit.changedNames.has(name)) met += worth
  }
  return met / total
}

function touchedFiles(scene: Scene, view: CommitView): Sighting[] {
  const weights = new Map<string, number>()
  for (const frame of scene.frames) {
    weights.set(frame.file, Math.max(weights.get(frame.file) ?? 0, frame.weight))
  }
  return view.files
    .filter((file) => file.edits.some((edit) => !edit.cosmetic))
    .map((file) => ({ file, path: scene.pathToday(file.change.path) }))
    .filter(({ path }) => weights.has(path))
    .map(({ file, path }) => ({
      signal: 'touched-traced-file',
      strength: weights.get(path) ?? 0,
      summary: `changed ${path}, which is in the trace`,
      hunks: file.runs.slice(0, 3).map((run) => runAsHunk(run)),
    }))
}
