import type { Git, LineOrigin } from '../git.ts'
import { blameLines } from '../git.ts'
import { changeRuns, linePairs } from './change-runs.ts'
import { namesIn, squashed } from './code-words.ts'
import type { LocatedFrame } from './locate-frames.ts'
import { callOf } from './suspect-names.ts'
import type { CommitChange } from './parse-patch.ts'

/** What a commit did to a line that fails today. */
export type LineTouch = {
  readonly frame: LocatedFrame
  /** `moved`: the line reads as before and only stands elsewhere (indented, shifted). */
  readonly kind: 'wrote' | 'moved'
  /** 0–1: an older version of the line, or another line of the same statement, counts less. */
  readonly share: number
  /** Path and line right after that commit. */
  readonly file: string
  readonly line: number
}

export type LineHistory = ReadonlyMap<string, readonly LineTouch[]>

export type HistoryInput = {
  readonly repository: string
  readonly bad: string
  /** Nothing at or before this commit is looked at; null where the range begins with the history. */
  readonly floor: string | null
  readonly frames: readonly LocatedFrame[]
  readonly commits: ReadonlyMap<string, CommitChange>
  /** Names that the error names: an edit of the line that leaves them alone is no more than a move. */
  readonly namedByError: ReadonlySet<string>
}

const MAX_TRACED_LINES = 12
const MAX_STEPS_BACK = 4

/**
 * Who wrote the failing lines, within the range. `git blame` stops at the last commit that touched a line, which often
 * only indented or wrapped it; so each answer is followed back to the version before, as long as the range lasts.
 */
export async function readLineHistory(git: Git, input: HistoryInput): Promise<LineHistory> {
  const history = new Map<string, LineTouch[]>()
  const byFile = Map.groupBy(
    input.frames.filter((frame) => frame.line !== null).slice(0, MAX_TRACED_LINES),
    (frame) => frame.file,
  )
  for (const [file, frames] of byFile) {
    const lines = frames.map((frame) => statementLines(frame))
    const origins = await blame(git, input, { revision: input.bad, file, lines })
    for (const frame of frames) {
      for (const origin of origins.filter(({ line }) => isOfFrame(frame, line))) {
        const share = origin.line === frame.line ? 1 : 0.5
        await followBack({ git, input, history }, { frame, origin, share })
      }
    }
  }
  return history
}

function statementLines(frame: LocatedFrame): readonly [number, number] {
  const from = frame.line ?? 1
  return [from, from + Math.min(4, frame.statement.split('\n').length) - 1]
}

function isOfFrame(frame: LocatedFrame, line: number): boolean {
  const [from, to] = statementLines(frame)
  return from <= line && line <= to
}

type BlamePlace = {
  readonly revision: string
  readonly file: string
  readonly lines: readonly (readonly [number, number])[]
}

async function blame(git: Git, input: HistoryInput, place: BlamePlace): Promise<readonly LineOrigin[]> {
  const range = input.floor === null ? place.revision : `${input.floor}..${place.revision}`
  return blameLines(git, { repository: input.repository, range, file: place.file, lines: place.lines })
}

type Walk = { readonly git: Git; readonly input: HistoryInput; readonly history: Map<string, LineTouch[]> }
type Step = { readonly frame: LocatedFrame; readonly origin: LineOrigin; readonly share: number }

async function followBack(walk: Walk, first: Step): Promise<void> {
  let step: Step | null = first
  for (let steps = 0; step !== null && steps < MAX_STEPS_BACK; steps++) {
    const { frame, origin, share }: Step = step
    const commit = walk.input.commits.get(origin.sha)
    if (commit === undefined) return
    const before = versionBefore(walk.input, commit, step)
    const kind = before?.same === true ? 'moved' : 'wrote'
    const touches = walk.history.get(origin.sha) ?? []
    touches.push({ frame, kind, share, file: origin.file, line: origin.originalLine })
    walk.history.set(origin.sha, touches)
    step = before === null ? null : await stepBack(walk, { frame, before, commit, share })
  }
}

type Version = { readonly file: string; readonly line: number; readonly same: boolean }

/** The line that this commit replaced, if it replaced one. */
function versionBefore(input: HistoryInput, commit: CommitChange, { frame, origin }: Step): Version | null {
  const file = commit.files.find((change) => change.path === origin.file)
  for (const run of file?.hunks.flatMap(changeRuns) ?? []) {
    const added = run.added.find(({ line }) => line === origin.originalLine)
    if (file === undefined || added === undefined) continue
    const code = squashed([added.text])
    const twin = run.removed.find(({ text }) => squashed([text]) === code)
    const old = twin ?? linePairs(run).find((pair) => pair.added.line === added.line)?.removed
    if (old === undefined) return null
    return {
      file: file.oldPath,
      line: old.line,
      same:
        twin !== undefined ||
        keepsNamed(input, old.text, added.text) ||
        keepsCall(input, frame, [old.text, added.text]),
    }
  }
  return null
}

/** Did the part of the line that the error speaks of stay as it was? */
function keepsNamed({ namedByError }: HistoryInput, before: string, after: string): boolean {
  const named = namesIn(after).filter((name) => namedByError.has(name))
  const old = new Set(namesIn(before))
  return named.length > 0 && named.every((name) => old.has(name))
}

/** Of a caller's line, only the call that failed inside counts: is it as it was? */
function keepsCall(
  { frames }: HistoryInput,
  frame: LocatedFrame,
  [before, after]: readonly [string, string],
): boolean {
  const inner = frames.find(({ trace, depth }) => trace === frame.trace && depth === frame.depth - 1)
  const call = callOf(inner?.function ?? null, after)
  return call.length > 3 && squashed([call]) === squashed([callOf(inner?.function ?? null, before)])
}

type Back = { frame: LocatedFrame; before: Version; commit: CommitChange; share: number }

async function stepBack(walk: Walk, back: Back): Promise<Step | null> {
  const { frame, before, commit, share } = back
  const parent = commit.parents[0]
  if (parent === undefined || frame.weight < 0.3) return null
  const lines = [[before.line, before.line] as const]
  const [origin] = await blame(walk.git, walk.input, { revision: parent, file: before.file, lines })
  return origin === undefined ? null : { frame, origin, share: before.same ? share : share * 0.4 }
}
