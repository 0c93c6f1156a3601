import type { ChangeRun } from '../change-runs.ts'
import { smallestChange } from '../change-runs.ts'
import { literalsIn, namesIn } from '../code-words.ts'
import type { CommitView } from '../function-edits.ts'
import { isRuntimeRole } from '../file-role.ts'
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

/** Things that the message names: `has no attribute 'x'`, `KeyError: 'x'`, `column "x" does not exist`. */
function namedThings(scene: Scene, view: CommitView): Sighting[] {
  const sightings: Sighting[] = []
  for (const [name, weight] of namesOfErrors(scene.symptoms)) {
    const pattern = new RegExp(`(?<![\\w$])${name.replace(/[.$*+?()[\]{}|\\^-]/g, '\\$&')}(?![\\w$])`)
    const files = view.files.filter(({ role }) => isRuntimeRole(role))
    const runs = files.flatMap((file) => file.runs)
    const has = ({ text }: { text: string }): boolean => text.length < 1000 && pattern.test(text)
    const removed = runs.reduce((sum, run) => sum + run.removed.filter(has).length, 0)
    const added = runs.reduce((sum, run) => sum + run.added.filter(has).length, 0)
    if (removed + added === 0) continue
    const verb = removed > added ? 'took away' : added > removed ? 'brought in' : 'changed'
    // What is gone is missed more often than what is new is wrong.
    const strength = weight * (removed > added ? 1 : added > removed ? 0.7 : 0.15) * scene.rarity(name)
    const telling = runs.filter((run) => run.removed.some(has) || run.added.some(has)).slice(0, 3)
    const hunks = telling.map((run) => smallestChange(run, (text) => has({ text })))
    sightings.push({
      signal: 'changed-named-thing',
      strength,
      summary: `${verb} \`${name}\`, which the error names`,
      hunks,
    })
  }
  return sightings
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
