import { linePairs, runAsHunk } from '../change-runs.ts'
import { callsIn } from '../code-words.ts'
import type { FunctionEdit } from '../function-edits.ts'
import { functionName } from '../function-outline.ts'
import type { LocatedFrame } from '../locate-frames.ts'
import type { Scene } from '../scene.ts'
import type { Clue, Sighting } from './clue.ts'

const UBIQUITOUS =
  /^(get|set|run|call|main|init|__init__|constructor|open|close|read|write|add|update|delete|find|create|handle|next|then|map|filter|format|parse|load|dump|join|append|push|test|exec|execute|toString|equals|apply|build|start|stop|send|process|validate|__call__|__get__|__enter__|__exit__|__iter__|__repr__|__str__)$/

type Called = { readonly weight: number; readonly frame: LocatedFrame }

/** Did the commit change a function that the failing statements call, so that it answers otherwise than they expect? */
export const calledFunction: Clue = (scene, view) => {
  const called = calledNames(scene)
  const inTrace = new Set(scene.frames.map((frame) => `${frame.file}:${frame.function}`))
  const sightings: Sighting[] = []
  for (const file of view.files) {
    const path = scene.pathToday(file.change.path)
    for (const edit of file.edits) {
      const use = edit.cosmetic ? undefined : called.get(edit.name)
      if (use === undefined || edit.name === '' || inTrace.has(`${path}:${edit.name}`)) continue
      const distance = (UBIQUITOUS.test(edit.name) ? 0.3 : 1) * (path === use.frame.file ? 1 : 0.8)
      sightings.push(...sightingsOf(edit, use, distance))
    }
  }
  return sightings
}

function sightingsOf(edit: FunctionEdit, use: Called, distance: number): Sighting[] {
  const at = `${use.frame.file}:${use.frame.line ?? '?'}`
  const hunks = edit.runs.map(runAsHunk)
  const strength = use.weight * distance
  const called: Sighting = {
    signal: 'edited-called-function',
    strength: strength * (changesAnswer(edit) ? 1 : 0.7),
    summary: `changed ${edit.name}, which the failing code at ${at} calls`,
    hunks,
  }
  if (!changesSignature(edit)) return [called]
  const summary = `changed the parameters of ${edit.name}, which the failing code at ${at} calls`
  return [called, { signal: 'changed-signature', strength, summary, hunks }]
}

/** Names called on failing statements at full weight, and in the rest of the innermost functions at less. */
function calledNames(scene: Scene): ReadonlyMap<string, Called> {
  const names = new Map<string, Called>()
  const note = (name: string, called: Called): void => {
    if ((names.get(name)?.weight ?? 0) < called.weight) names.set(name, called)
  }
  for (const frame of scene.frames) {
    for (const name of callsIn(frame.statement)) note(name, { weight: frame.weight, frame })
    if (frame.depth > 1 || frame.functionRange === null) continue
    const [from, to] = frame.functionRange
    const body = scene.sourceToday(frame.file)?.lines.slice(from, Math.min(to, frame.line ?? to)) ?? []
    for (const name of callsIn(body.join('\n'))) note(name, { weight: frame.weight * 0.5, frame })
  }
  return names
}

function changesAnswer(edit: FunctionEdit): boolean {
  return [...edit.added, ...edit.removed].some(({ text }) =>
    /\b(?:return|yield|raise|throw|throws|panic)\b|=>/.test(text),
  )
}

function changesSignature(edit: FunctionEdit): boolean {
  return edit.runs.flatMap(linePairs).some((pair) => {
    const name = functionName(pair.removed.text, ' {')
    return name === edit.name && functionName(pair.added.text, ' {') === name
  })
}
