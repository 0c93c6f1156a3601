import type { ChangeRun, NumberedLine } from '../change-runs.ts'
import { smallestChange } from '../change-runs.ts'
import { literalsIn, namesIn } from '../code-words.ts'
import type { CommitView } from '../function-edits.ts'
import { isRuntimeRole } from '../file-role.ts'
import { addsNamesOnly, isNewFunction } from '../inert-edit.ts'
import type { Message } from '../error-words.ts'
import { messagesOf, namesOfErrors } from '../error-words.ts'
import type { Scene } from '../scene.ts'
import type { Clue, Sighting } from './clue.ts'

/** Do the words of the exception or of a new log line stand in what the commit wrote or took away? */
export const messageWords: Clue = (scene, view) => [
  ...writtenMessages(scene, view),
  ...namedThings(scene, view),
  ...subjectNames(scene, view),
]

/** The statement that raised or logged it: its text is a literal in the added code, which the commit did not just move. */
function writtenMessages(scene: Scene, view: CommitView): Sighting[] {
  const messages = messagesOf(scene.symptoms)
  const files = view.files.filter(({ role }) => isRuntimeRole(role) && role !== 'dependency')
  const mine = new Set((scene.history.get(view.commit.sha) ?? []).map(({ frame }) => frame))
  const raisedElsewhere = scene.frames.filter((frame) => !mine.has(frame)).map(({ statement }) => statement)
  return files.flatMap(({ runs }) => {
    const before = new Set(runs.flatMap(({ removed }) => removed.flatMap(({ text }) => literalsIn(text))))
    return runs.flatMap((run) =>
      run.added.flatMap(({ text }) => writtenMessage({ run, text, before, messages, raisedElsewhere })),
    )
  })
}

type Written = {
  readonly run: ChangeRun
  readonly text: string
  readonly before: ReadonlySet<string>
  readonly messages: readonly Message[]
  /** Failing statements that another commit wrote: a text that stands there too was copied, not brought in. */
  readonly raisedElsewhere: readonly string[]
}

function writtenMessage({ run, text, before, messages, raisedElsewhere }: Written): Sighting[] {
  if (text.length > 500) return []
  const literal = literalsIn(text).find((one) => !before.has(one) && one.length > 7)
  const match = literal === undefined ? null : bestMatch(literal, messages)
  if (literal === undefined || match === null) return []
  const strength = raisedElsewhere.some((statement) => statement.includes(literal)) ? match * 0.1 : match
  return [
    {
      signal: 'wrote-message',
      strength,
      summary: `added the text of the failure, "${literal.slice(0, 80)}", in ${run.file}`,
      hunks: [smallestChange(run, (candidate) => candidate === text)],
    },
  ]
}

/** 0–1 by how many words of the literal stand in the message, in order; null where they don't. */
function bestMatch(literal: string, messages: readonly Message[]): number | null {
  const parts = literal
    .split(/%[-\d.]*[sdrfxiv]|%\w|\$?\{[^}]*\}|\$\w+|\\n/)
    .map((part) => part.replace(/\s+/g, ' ').trim().toLowerCase())
    .filter((part) => /\w/.test(part))
  const words = parts.flatMap((part) => part.split(/\W+/).filter((word) => word.length > 1))
  if (words.length < 2) return null
  let best = 0
  for (const message of messages) {
    const text = message.text.replace(/\s+/g, ' ').toLowerCase()
    let at = 0
    const all = parts.every((part) => {
      const found = text.indexOf(part, at)
      at = found + part.length
      return found >= 0
    })
    if (all) best = Math.max(best, message.weight * Math.min(1, words.length / 4))
  }
  return best === 0 ? null : best
}

/** What a value that was wrong, but is not named, is worth beside a named one. */
const RECEIVER = 0.8

/** Things that the message names: `has no attribute 'x'`, `KeyError: 'x'`, `column "x" does not exist`. */
function namedThings(scene: Scene, view: CommitView): Sighting[] {
  const sightings: Sighting[] = []
  const unreached = linesOfNewCode(scene, view)
  for (const [name, weight] of namedOrReceiving(scene)) {
    const pattern = new RegExp(`(?<![\\w$])${name.replace(/[.$*+?()[\]{}|\\^-]/g, '\\$&')}(?![\\w$])`)
    const files = view.files.filter(({ role }) => isRuntimeRole(role))
    const runs = files.flatMap((file) => file.runs)
    const has = (line: NumberedLine): boolean =>
      line.text.length < 1000 && pattern.test(line.text) && !unreached.has(line)
    const removed = runs.reduce((sum, run) => sum + run.removed.filter(has).length, 0)
    const added = runs.reduce((sum, run) => sum + run.added.filter(has).length, 0)
    if (removed + added === 0) continue
    const verb = removed > added ? 'took away' : added > removed ? 'brought in' : 'changed'
    // What is gone is missed more often than what is new is wrong.
    const strength =
      weight *
      (removed > added ? 1 : added > removed ? 0.7 : usedOtherwise(runs, name) ? 0.6 : 0.08) *
      scene.rarity(name)
    const telling = runs.filter((run) => run.removed.some(has) || run.added.some(has)).slice(0, 3)
    const hunks = telling.map((run) => smallestChange(run, (text) => pattern.test(text)))
    sightings.push({
      signal: 'changed-named-thing',
      strength,
      summary: `${verb} \`${name}\`, which the error names`,
      hunks,
    })
  }
  return sightings
}

/** What the errors name, and the value that was not what it should be. */
function namedOrReceiving(scene: Scene): ReadonlyMap<string, number> {
  const names = new Map(namesOfErrors(scene.symptoms))
  for (const [name, weight] of scene.suspects) {
    if (weight >= 0.9 && name.length > 2 && !names.has(name)) names.set(name, weight * RECEIVER)
  }
  return names
}

/** New functions that the failing code does not call: what they speak of is no change of what fails. */
function linesOfNewCode(scene: Scene, view: CommitView): ReadonlySet<NumberedLine> {
  const inTrace = new Set(scene.frames.map((frame) => frame.function))
  const edits = view.files.flatMap((file) => file.edits)
  const apart = edits.filter(
    (edit) => isNewFunction(edit) && !inTrace.has(edit.name) && !scene.suspects.has(edit.name),
  )
  return new Set([...apart, ...edits.filter(addsNamesOnly)].flatMap((edit) => edit.added))
}

/** What tells how a name is used, before it; after it, any mark does. */
const BEFORE: ReadonlySet<string> = new Set('.:{[,')

/** Does the name stand between other marks than before (`body,` → `data: body,`)? */
function usedOtherwise(runs: readonly ChangeRun[], name: string): boolean {
  const pattern = new RegExp(
    `(\\S?)\\s*(?<![\\w$])${name.replace(/[.$*+?()[\]{}|\\^-]/g, '\\$&')}(?![\\w$])\\s*(\\S?)`,
    'g',
  )
  const uses = (lines: ChangeRun['added']): string =>
    lines
      .flatMap(({ text }) =>
        [...text.matchAll(pattern)].map((use) => `${BEFORE.has(use[1] ?? '') ? use[1] : ''} ${use[2]}`),
      )
      .sort()
      .join('|')
  return runs.some((run) => uses(run.removed) !== uses(run.added))
}

function subjectNames(scene: Scene, view: CommitView): Sighting[] {
  const words = new Set(
    (view.commit.subject.match(/[A-Za-z_][\w]{3,}/g) ?? []).map((word) => word.toLowerCase()),
  )
  const wanted = new Map<string, number>()
  for (const frame of scene.frames.slice(0, 4)) {
    if (frame.function !== null) wanted.set(frame.function.toLowerCase(), frame.weight)
    const file = /([\w-]+)\.\w+$/.exec(frame.file)?.[1]
    if (file !== undefined) wanted.set(file.toLowerCase(), frame.weight * 0.5)
  }
  for (const { text, weight } of messagesOf(scene.symptoms).slice(0, 4)) {
    for (const name of namesIn(text)) if (name.length > 4) wanted.set(name.toLowerCase(), weight * 0.5)
  }
  const met = [...wanted].filter(([word]) => words.has(word))
  return met.map(([word, weight]) => ({
    signal: 'subject-names-it',
    strength: weight,
    summary: `its subject speaks of "${word}", as the failure does`,
    hunks: [],
  }))
}
