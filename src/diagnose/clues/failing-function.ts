import { runAsHunk } from '../change-runs.ts'
import { namesIn } from '../code-words.ts'
import type { CommitView, FunctionEdit } from '../function-edits.ts'
import { addsNamesOnly, isInert, isNewFunction } from '../inert-edit.ts'
import type { LocatedFrame } from '../locate-frames.ts'
import type { Scene } from '../scene.ts'
import { knowsWrongValue } from '../suspect-names.ts'
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

/** What an edit is worth that cannot have made another line fail. */
const INERT = 0.06

function sightingOf(scene: Scene, frame: LocatedFrame, edit: FunctionEdit): Sighting {
  // Code outside functions (a frame `<module>`) is too wide a place to mean much.
  const place = edit.name === '' ? 0.4 : 1
  const near = nearness(scene, frame, edit)
  return {
    signal: 'edited-failing-function',
    strength:
      frame.weight *
      place *
      (isInert(edit) ? INERT : (0.2 + 0.8 * near) * (isBelow(scene, frame, edit) ? 0.5 : 1)),
    summary: `edited ${edit.name === '' ? 'the top level' : edit.name} of ${frame.file}, which the trace runs through`,
    hunks: edit.runs.map((run) => runAsHunk(run, (line) => edit.added.includes(line))),
  }
}

/** 0–1: do the changed lines speak of the names that the failing statement uses? */
export function nearness(scene: Scene, frame: LocatedFrame, edit: FunctionEdit): number {
  const wanted = new Set(namesIn(frame.statement))
  if (wanted.size === 0) return 0.3
  const isPrecise = knowsWrongValue(scene)
  let total = 0
  let met = 0
  for (const name of wanted) {
    const known = scene.suspects.get(name) ?? 0
    const worth = (0.2 + scene.rarity(name)) * (isPrecise ? 0.25 + known : 1 + known)
    total += worth
    if (edit.changedNames.has(name)) met += worth
  }
  return met / total
}

/** Only below the innermost failing line, and in no loop: it would have run after the failure. */
function isBelow(scene: Scene, frame: LocatedFrame, edit: FunctionEdit): boolean {
  const lines = scene.sourceToday(frame.file)?.lines
  if (frame.depth > 0 || frame.line === null || frame.functionRange === null || lines === undefined)
    return false
  const [from, to] = frame.functionRange
  const above = lines.slice(from - 1, frame.line)
  if (above.some((line) => /\b(?:for|while|do|loop|each|map|repeat)\b/.test(line))) return false
  const upTo = new Set(above.map((line) => line.trim()))
  const below = new Set(lines.slice(frame.line, to).map((line) => line.trim()))
  const added = edit.added.map(({ text }) => text.trim()).filter((text) => text !== '')
  return added.length > 0 && added.every((text) => below.has(text) && !upTo.has(text))
}

function mayMatter(edit: FunctionEdit): boolean {
  return !edit.cosmetic && !isInert(edit) && !isNewFunction(edit) && !addsNamesOnly(edit)
}

function touchedFiles(scene: Scene, view: CommitView): Sighting[] {
  const weights = new Map<string, number>()
  for (const frame of scene.frames) {
    weights.set(frame.file, Math.max(weights.get(frame.file) ?? 0, frame.weight))
  }
  return view.files
    .filter((file) => file.edits.some(mayMatter))
    .map((file) => ({ file, path: scene.pathToday(file.change.path) }))
    .filter(({ path }) => weights.has(path))
    .map(({ file, path }) => ({
      signal: 'touched-traced-file',
      strength: weights.get(path) ?? 0,
      summary: `changed ${path}, which is in the trace`,
      hunks: file.runs.slice(0, 3).map((run) => runAsHunk(run)),
    }))
}
