import type { ChangeRun, NumberedLine } from './change-runs.ts'
import { changeRuns } from './change-runs.ts'
import { squashed } from './code-words.ts'
import type { FileRole } from './file-role.ts'
import { fileRole } from './file-role.ts'
import type { OutlinedFunction } from './function-outline.ts'
import { functionAround, functionAt, outlineFunctions } from './function-outline.ts'
import type { CommitChange, FileChange } from './parse-patch.ts'

/** One version of a file, split and outlined once. */
export type SourceText = { readonly lines: readonly string[]; readonly outline: readonly OutlinedFunction[] }

/** Versions of files by blob id; null where the version is not at hand. */
export type SourceTexts = (blob: string | null) => SourceText | null

/** What a commit did to one function (or, with an empty name, to the code outside functions). */
export type FunctionEdit = {
  readonly file: string
  readonly name: string
  readonly removed: readonly NumberedLine[]
  readonly added: readonly NumberedLine[]
  readonly runs: readonly ChangeRun[]
  /** The lines of the function before and after; null where it did not exist, or is not at hand. */
  readonly before: readonly string[] | null
  readonly after: readonly string[] | null
  readonly afterFrom: number
  /** The same for the function that directly holds this one: a closure's resource is often taken outside of it. */
  readonly around: { readonly before: readonly string[]; readonly after: readonly string[] } | null
  /** Spaces, comments and line breaks only. */
  readonly cosmetic: boolean
}

export type EditedFile = {
  readonly change: FileChange
  readonly role: FileRole
  readonly runs: readonly ChangeRun[]
  readonly edits: readonly FunctionEdit[]
}

/** A commit as the clues see it. */
export type CommitView = {
  readonly commit: CommitChange
  readonly files: readonly EditedFile[]
  /** Changed lines of files that run. */
  readonly runtimeLines: number
}

export function viewCommit(commit: CommitChange, texts: SourceTexts): CommitView {
  const files = commit.files.map((change) => editedFile(change, texts))
  const runtime = files.filter(({ role }) => role === 'source' || role === 'migration')
  const edits = runtime.flatMap((file) => file.edits).filter((edit) => !edit.cosmetic)
  const runtimeLines = edits.reduce((sum, edit) => sum + edit.removed.length + edit.added.length, 0)
  return { commit, files, runtimeLines }
}

function editedFile(change: FileChange, texts: SourceTexts): EditedFile {
  const role = fileRole(change.path)
  const runs = change.hunks.flatMap(changeRuns)
  const edits = role === 'source' || role === 'migration' ? functionEdits(change, runs, texts) : []
  return { change, role, runs, edits }
}

type Draft = { removed: NumberedLine[]; added: NumberedLine[]; runs: Set<ChangeRun> }

/** Changed lines grouped by the function that holds them, old lines by the old outline, new ones by the new. */
function functionEdits(change: FileChange, runs: readonly ChangeRun[], texts: SourceTexts): FunctionEdit[] {
  const before = texts(change.oldBlob)
  const after = texts(change.newBlob)
  const drafts = new Map<string, Draft>()
  const draftOf = (source: SourceText | null, line: number): Draft => {
    const name = source === null ? '' : (functionAt(source.outline, line)?.name ?? '')
    const draft = drafts.get(name) ?? { removed: [], added: [], runs: new Set<ChangeRun>() }
    drafts.set(name, draft)
    return draft
  }
  for (const run of runs) {
    if (isGenerated(run)) continue
    for (const line of run.removed) {
      const draft = draftOf(before, line.line)
      draft.removed.push(line)
      draft.runs.add(run)
    }
    for (const line of run.added) {
      const draft = draftOf(after, line.line)
      draft.added.push(line)
      draft.runs.add(run)
    }
  }
  return [...drafts].map(([name, draft]) => finishEdit({ file: change.path, name, before, after }, draft))
}

/** Bundles and data have lines that nobody wrote. */
function isGenerated(run: ChangeRun): boolean {
  return [...run.removed, ...run.added].some(({ text }) => text.length > 2000)
}

type EditPlace = {
  readonly file: string
  readonly name: string
  readonly before: SourceText | null
  readonly after: SourceText | null
}

function finishEdit(place: EditPlace, draft: Draft): FunctionEdit {
  const { file, name, before, after } = place
  // Several functions may share a name (overloads, methods of classes): the one that holds a changed line is meant.
  const old = functionNamed(before, name, draft.removed[0]?.line)
  const now = functionNamed(after, name, draft.added[0]?.line)
  return {
    file,
    name,
    removed: draft.removed,
    added: draft.added,
    runs: [...draft.runs],
    before: linesOf(before, old),
    after: linesOf(after, now),
    afterFrom: now?.from ?? 0,
    around: aroundOf(place, old, now),
    cosmetic: isCosmetic(file, draft),
  }
}

function linesOf(source: SourceText | null, one: OutlinedFunction | null): readonly string[] | null {
  return source === null || one === null ? null : source.lines.slice(one.from - 1, one.to)
}

function aroundOf(
  { before, after }: EditPlace,
  old: OutlinedFunction | null,
  now: OutlinedFunction | null,
): FunctionEdit['around'] {
  if (before === null || after === null) return null
  const outerOld = old === null ? null : functionAround(before.outline, old)
  const outerNow = now === null ? null : functionAround(after.outline, now)
  const name = outerOld?.name ?? outerNow?.name
  if (name === undefined) return null
  const linesBefore = linesOf(before, outerOld ?? functionNamed(before, name, undefined))
  const linesAfter = linesOf(after, outerNow ?? functionNamed(after, name, undefined))
  return linesBefore === null || linesAfter === null ? null : { before: linesBefore, after: linesAfter }
}

function functionNamed(
  source: SourceText | null,
  name: string,
  line: number | undefined,
): OutlinedFunction | null {
  if (source === null || name === '') return null
  const all = source.outline.filter((one) => one.name === name)
  return all.find((one) => line !== undefined && one.from <= line && line <= one.to) ?? all[0] ?? null
}

/** Where indentation is syntax, a line that only moved sideways has changed its meaning. */
function isCosmetic(file: string, draft: Draft): boolean {
  const removed = draft.removed.map(({ text }) => text)
  const added = draft.added.map(({ text }) => text)
  if (squashed(removed) !== squashed(added)) return false
  if (!/\.(py|pyi|ya?ml|haml|slim|pug|coffee)$/.test(file)) return true
  const code = (lines: readonly string[]): string[] => lines.filter((line) => squashed([line]) !== '')
  const before = code(removed)
  const after = code(added)
  if (before.length !== after.length) return true // wrapped or joined
  return before.every((line, at) => /^\s*/.exec(line)?.[0] === /^\s*/.exec(after[at] ?? '')?.[0])
}

/** Versions of files out of their texts; each is outlined when first asked for. */
export function sourceTexts(blobs: ReadonlyMap<string, string>): SourceTexts {
  const known = new Map<string, SourceText>()
  return (blob) => {
    if (blob === null) return null
    const text = blobs.get(blob)
    if (text === undefined || text.length > 1_000_000) return null
    let source = known.get(blob)
    if (source === undefined) {
      source = { lines: text.split('\n'), outline: outlineFunctions(text) }
      known.set(blob, source)
    }
    return source
  }
}
