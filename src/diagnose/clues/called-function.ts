import type { ChangeRun } from '../change-runs.ts'
import { linePairs, runAsHunk } from '../change-runs.ts'
import { callsIn, namesIn, squashed, withoutComment } from '../code-words.ts'
import type { FunctionEdit } from '../function-edits.ts'
import { functionName } from '../function-outline.ts'
import { isInert } from '../inert-edit.ts'
import type { LocatedFrame } from '../locate-frames.ts'
import type { Scene } from '../scene.ts'
import { withoutTypes } from '../without-types.ts'
import type { Clue, Sighting } from './clue.ts'

const UBIQUITOUS =
  /^(get|set|run|call|main|init|__init__|constructor|open|close|read|write|add|update|delete|find|create|handle|next|then|map|filter|format|parse|load|dump|join|append|push|test|exec|execute|toString|equals|apply|build|start|stop|send|process|validate|__call__|__get__|__enter__|__exit__|__iter__|__repr__|__str__)$/

type Called = { readonly weight: number; readonly frame: LocatedFrame }

/** Did the commit change a function that the failing statements call, so that it answers otherwise than they expect? */
export const calledFunction: Clue = (scene, view) => {
  const called = calledNames(scene)
  const inTrace = new Set(scene.frames.map((frame) => `${frame.file}:${frame.owner}.${frame.function}`))
  const sightings: Sighting[] = []
  for (const file of view.files) {
    const path = scene.pathToday(file.change.path)
    for (const edit of file.edits) {
      if (!edit.cosmetic && !edit.declared.has(edit.name)) sightings.push(...changedValues(scene, edit))
      const traced = scene.frames.find(
        (one) => one.file === path && one.function === edit.name && one.owner === edit.owner,
      )
      if (traced !== undefined && !edit.cosmetic && changesSignature(edit)) {
        const summary = `changed the parameters of ${edit.name}, which the trace runs through`
        const hunks = edit.runs.map((run) => runAsHunk(run))
        sightings.push({ signal: 'changed-signature', strength: traced.weight, summary, hunks })
      }
      sightings.push(...changedMaking(scene, path, edit))
      const use = edit.cosmetic ? undefined : called.get(edit.name)
      if (use === undefined || edit.name === '' || inTrace.has(`${path}:${edit.owner}.${edit.name}`)) continue
      const distance = (UBIQUITOUS.test(edit.name) ? 0.3 : 1) * (path === use.frame.file ? 1 : 0.8)
      sightings.push(...sightingsOf(scene, edit, { ...use, distance }))
    }
  }
  return sightings
}

const CONSTRUCTOR = /^(?:__init__|__new__|constructor|initialize|__construct|init)$/

/** What a failing method finds in its object was put there when the object was made. */
function changedMaking(scene: Scene, path: string, edit: FunctionEdit): Sighting[] {
  if (edit.cosmetic || edit.owner === null || !CONSTRUCTOR.test(edit.name) || isInert(edit)) return []
  // Its parameters are its callers' matter.
  if (edit.added.every(({ text }) => functionName(text, ' {') === edit.name)) return []
  const frame = scene.frames.find(
    (one) => one.file === path && one.owner === edit.owner && one.function !== edit.name,
  )
  if (frame === undefined) return []
  const summary = `changed how ${edit.owner} is made, whose ${frame.function ?? 'code'} is in the trace`
  const hunks = edit.runs.map((run) => runAsHunk(run))
  return [{ signal: 'edited-called-function', strength: frame.weight * 0.6, summary, hunks }]
}

/** Constants, tables and patterns outside functions that the failing statements use. */
function changedValues(scene: Scene, edit: FunctionEdit): Sighting[] {
  const sightings: Sighting[] = []
  const isEmptied = saysEmpty(scene)
  for (const run of edit.runs) {
    const lines = [...run.removed, ...run.added]
    const held = edit.runs.length < 4 ? edit.declared : []
    const named = edit.name === '' ? declaredOn(lines) : []
    for (const name of new Set([...held, ...named])) {
      const users = scene.frames.filter((frame) => namesIn(frame.statement).includes(name))
      const weight = Math.max(scene.suspects.get(name) ?? 0, ...users.map((frame) => frame.weight))
      const summary = `changed ${name} of ${edit.file}, which the failing code uses`
      if (weight > 0)
        sightings.push({
          signal: 'edited-called-function',
          strength: weight * 0.9 * (isEmptied && !losesNames(run) ? 0.5 : 1),
          summary,
          hunks: [runAsHunk(run, ({ text }) => text.includes(name))],
        })
    }
  }
  return sightings
}

function declaredOn(lines: readonly { text: string }[]): string[] {
  return lines.flatMap(
    ({ text }) =>
      /^\s*(?:[\w$<>[\],.]+\s+)*([A-Za-z_$][\w$]{2,})\s*(?::[^=]*)?:?=(?!=)/.exec(text)?.[1] ?? [],
  )
}

/** What is missed was there once: another value of the same name leaves nothing empty. */
function losesNames(run: ChangeRun): boolean {
  const count = (lines: ChangeRun['added']): ReadonlySet<string> =>
    new Set(lines.flatMap(({ text }) => namesIn(withoutComment(text))))
  const now = count(run.added)
  return [...count(run.removed)].some((name) => !now.has(name))
}

const saysEmpty = (scene: Scene): boolean =>
  scene.symptoms.exceptions.some(({ chain }) =>
    chain.some(({ message, type }) => EMPTY.test(`${type} ${message}`)),
  )

type Use = Called & { readonly distance: number }

function sightingsOf(scene: Scene, edit: FunctionEdit, use: Use): Sighting[] {
  const at = `${use.frame.file}:${use.frame.line ?? '?'}`
  const hunks = edit.runs.map((run) => runAsHunk(run, (line) => edit.added.includes(line)))
  const strength = use.weight * use.distance
  const called: Sighting = {
    signal: 'edited-called-function',
    strength: strength * (changesAnswer(edit) ? 1 : 0.7),
    summary: `changed ${edit.name}, which the failing code at ${at} calls`,
    hunks,
  }
  const sightings = [called]
  if (changesSignature(edit)) {
    const summary = `changed the parameters of ${edit.name}, which the failing code at ${at} calls`
    sightings.push({ signal: 'changed-signature', strength, summary, hunks })
  }
  if (saysEmpty(scene) && answersEmpty(edit)) {
    const summary = `lets ${edit.name}, which the failing code at ${at} calls, answer with nothing`
    sightings.push({ signal: 'changed-answer', strength, summary, hunks })
  }
  return sightings
}

/** Names called on failing statements at full weight, and in the rest of the innermost functions at less. */
function calledNames(scene: Scene): ReadonlyMap<string, Called> {
  const names = new Map<string, Called>()
  const note = (name: string, called: Called): void => {
    if ((names.get(name)?.weight ?? 0) < called.weight) names.set(name, called)
  }
  const [first] = scene.frames
  if (first !== undefined)
    for (const [name, weight] of scene.suspects)
      if (weight > 0.5 || name.length > 7) note(name, { weight: weight * 0.8, frame: first })
  for (const frame of scene.frames) {
    for (const name of callsIn(frame.statement)) note(name, { weight: frame.weight, frame })
    if (frame.depth > 1 || frame.functionRange === null) continue
    const [from, to] = frame.functionRange
    const body = scene.sourceToday(frame.file)?.lines.slice(from, Math.min(to, (frame.line ?? to) - 1)) ?? []
    const used = new Set(namesIn(frame.statement))
    for (const line of body.filter((one) => one.length < 300)) {
      // What the failing statement uses was made here.
      const made =
        /^\s*(?:(?:const|let|var|val|final|[\w$<>[\],.?]+)\s+)?([\w$, {}[\]]+?)\s*(?::[^=]+)?:?=(?!=)/.exec(
          line,
        )?.[1]
      const feeds = made !== undefined && namesIn(made).some((name) => used.has(name))
      for (const name of callsIn(line)) note(name, { weight: frame.weight * (feeds ? 0.9 : 0.4), frame })
    }
  }
  return names
}

function changesAnswer(edit: FunctionEdit): boolean {
  return [...edit.added, ...edit.removed].some(({ text }) =>
    /\b(?:return|yield|raise|throw|throws|panic)\b|=>/.test(text),
  )
}

const EMPTY = /\bnull\b|undefined|NoneType|\bnil\b|NullPointer|NullReference|NoSuchElement|unwrap|\bNone\b/

/** Nothing comes back where something did, or an exception was raised. */
function answersEmpty(edit: FunctionEdit): boolean {
  const isEmpty = ({ text }: { text: string }): boolean =>
    /\b(?:return|yield|=>|\?\?|or|else|:)\s*(?:null|None|nil|undefined|Optional\.empty|default)\b|^\s*return;?\s*$|OrDefault|\.get\(/.test(
      text,
    )
  const raises = ({ text }: { text: string }): boolean => /\b(?:raise|throw|panic|abort)\b/.test(text)
  const count = (lines: FunctionEdit['added'], test: typeof raises): number => lines.filter(test).length
  return (
    count(edit.added, isEmpty) > count(edit.removed, isEmpty) ||
    count(edit.removed, raises) > count(edit.added, raises)
  )
}

function changesSignature(edit: FunctionEdit): boolean {
  return edit.runs.flatMap(linePairs).some((pair) => {
    const name = functionName(pair.removed.text, ' {')
    if (name !== edit.name || functionName(pair.added.text, ' {') !== name) return false
    return (
      squashed(withoutTypes(edit.file, [pair.removed.text])) !==
      squashed(withoutTypes(edit.file, [pair.added.text]))
    )
  })
}
