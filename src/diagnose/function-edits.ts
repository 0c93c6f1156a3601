import type { ChangeRun, NumberedLine } from './change-runs.ts'
import { changedNames, changeRuns } from './change-runs.ts'
import { squashed } from './code-words.ts'
import type { FileRole } from './file-role.ts'
import { fileRole } from './file-role.ts'
import type { OutlinedFunction } from './function-outline.ts'
import { functionAround, functionAt, outlineFunctions } from './function-outline.ts'
import type { CommitChange, FileChange } from './parse-patch.ts'
import { withoutTypes } from './without-types.ts'

/** One version of a file, split and outlined once. */
export type SourceText = { readonly lines: readonly string[]; readonly outline: readonly OutlinedFunction[] }

/** Versions of files by blob id; null where the version is not at hand. */
export type SourceTexts = (blob: string | null) => SourceText | null

/** What a commit did to one function (or, with an empty name, to the code outside functions). */
export type FunctionEdit = {
  readonly file: string
  readonly name: string
  /** The class or struct that the function is of, or null. */
  readonly owner: string | null
  readonly removed: readonly NumberedLine[]
  readonly added: readonly NumberedLine[]
  readonly runs: readonly ChangeRun[]
  /** The lines of the function before and after; null where it did not exist, or is not at hand. */
  readonly before: readonly string[] | null
  readonly after: readonly string[] | null
  readonly afterFrom: number
  /** The same for the function that directly holds this one: a closure's resource is often taken outside of it. */
  readonly around: { readonly before: readonly string[]; readonly after: readonly string[] } | null
  /** Names brought in or taken away; names on a changed line that stayed are not among them. */
  readonly changedNames: ReadonlySet<string>
  /** Constants and tables at the left margin that hold changed lines. */
  readonly declared: ReadonlySet<string>
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

/** Reads a commit's edits; `roleOf` may know more of a file than its path tells. */
export function viewCommit(commit: CommitChange, texts: SourceTexts, roleOf = fileRole): CommitView {
  const files = commit.files.map((change) => editedFile(change, texts, roleOf))
  const runtime = files.filter(({ role }) => role === 'source' || role === 'migration')
  const edits = runtime.flatMap((file) => file.edits).filter((edit) => !edit.cosmetic)
  const runtimeLines = edits.reduce((sum, edit) => sum + edit.removed.length + edit.added.length, 0)
  return { commit, files, runtimeLines }
}

function editedFile(change: FileChange, texts: SourceTexts, roleOf: typeof fileRole): EditedFile {
  const role = roleOf(change.path)
  const runs = change.hunks.flatMap(changeRuns)
  const edits = role === 'source' || role === 'migration' ? functionEdits(change, runs, texts) : []
  return { change, role, runs, edits }
}

type Draft = {
  name: string
  owner: string | null
  removed: NumberedLine[]
  added: NumberedLine[]
  runs: Set<ChangeRun>
}

/** Changed lines grouped by the function that holds them, old lines by the old outline, new ones by the new. */
function functionEdits(change: FileChange, runs: readonly ChangeRun[], texts: SourceTexts): FunctionEdit[] {
  const before = texts(change.oldBlob)
  const after = texts(change.newBlob)
  const drafts = new Map<string, Draft>()
  const draftOf = (source: SourceText | null, line: number): Draft => {
    const one = source === null ? null : functionAt(source.outline, line)
    const key = one === null ? '' : `${one.owner}.${one.name}`
    const draft = drafts.get(key) ?? newDraft(one)
    drafts.set(key, draft)
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
  return [...drafts.values()].map((draft) => finishEdit({ file: change.path, before, after }, draft))
}

function newDraft(one: OutlinedFunction | null): Draft {
  return { name: one?.name ?? '', owner: one?.owner ?? null, removed: [], added: [], runs: new Set() }
}

/** Bundles and data have lines that nobody wrote. */
function isGenerated(run: ChangeRun): boolean {
  return [...run.removed, ...run.added].some(({ text }) => text.length > 2000)
}

type EditPlace = {
  readonly file: string
  readonly before: SourceText | null
  readonly after: SourceText | null
}

function finishEdit(place: EditPlace, draft: Draft): FunctionEdit {
  const { file, before, after } = place
  const { name, owner } = draft
  // Several functions may share a name (overloads): the one that holds a changed line is meant.
  const old = functionNamed(before, draft, draft.removed[0]?.line)
  const now = functionNamed(after, draft, draft.added[0]?.line)
  return {
    file,
    name,
    owner,
    removed: draft.removed,
    added: draft.added,
    runs: [...draft.runs],
    before: linesOf(before, old),
    after: linesOf(after, now),
    afterFrom: now?.from ?? 0,
    around: aroundOf(place, old, now),
    changedNames: new Set([...draft.runs].flatMap((run) => [...changedNames(run)])),
    declared: owner === null ? declaredAround(place, draft) : new Set(),
    cosmetic: isCosmetic(file, draft),
  }
}

const DECLARATION =
  /^(?:export\s+)?(?:default\s+)?(?:(?:public|private|static|final|pub|const|let|var|val)\s+)*(?:[\w<>[\],.]+\s+)?([A-Za-z_$][\w$]*)\s*(?::[^=]*)?:?=(?!=)/

/** The names whose declarations, begun at the left margin, hold the changed lines. */
function declaredAround({ before, after }: EditPlace, draft: Draft): ReadonlySet<string> {
  const names = new Set<string>()
  const note = (source: SourceText | null, line: number): void => {
    for (let at = Math.min(line, source?.lines.length ?? 0) - 1; at >= Math.max(0, line - 200); at--) {
      const text = source?.lines[at] ?? ''
      if (!/^[A-Za-z_$]/.test(text)) continue
      const name = DECLARATION.exec(text)?.[1]
      if (name !== undefined) names.add(name)
      return
    }
  }
  for (const { line } of draft.removed.slice(0, 200)) note(before, line)
  for (const { line } of draft.added.slice(0, 200)) note(after, line)
  return names
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
  const named = outerOld ?? outerNow
  if (named === null) return null
  const linesBefore = linesOf(before, outerOld ?? functionNamed(before, named, undefined))
  const linesAfter = linesOf(after, outerNow ?? functionNamed(after, named, undefined))
  return linesBefore === null || linesAfter === null ? null : { before: linesBefore, after: linesAfter }
}

type Named = { readonly name: string; readonly owner: string | null }

function functionNamed(
  source: SourceText | null,
  named: Named,
  line: number | undefined,
): OutlinedFunction | null {
  if (source === null || named.name === '') return null
  const all = source.outline.filter((one) => one.name === named.name && one.owner === named.owner)
  return all.find((one) => line !== undefined && one.from <= line && line <= one.to) ?? all[0] ?? null
}

/** Where indentation is syntax, a line that only moved sideways has changed its meaning. */
function isCosmetic(file: string, draft: Draft): boolean {
  const removed = withoutTypes(
    file,
    draft.removed.map(({ text }) => text),
  )
  const added = withoutTypes(
    file,
    draft.added.map(({ text }) => text),
  )
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
