import { addedLines, readEdits, removedLines } from './change-edits.ts'
import type { ChangedText, Edit } from './change-edits.ts'
import type { ChangedHunk } from './commit-candidate.ts'
import { languageOf } from './languages/all.ts'
import { countSyntaxErrors, withTree } from './syntax.ts'
import { withoutUnusedImports } from './leftovers.ts'
import { withNeeded } from './needed-edits.ts'
import { takeBack } from './take-back.ts'
import { tellingEdits } from './telling-edits.ts'
import type { FailureWords } from './telling-edits.ts'

export type Culprit = {
  readonly sha: string
  readonly subject: string
  /** The most telling first. */
  readonly hunks: readonly ChangedHunk[]
}

export type FileVersions = {
  readonly readFile: (path: string) => Promise<string | null>
  /**
   * A file as a revision has it (`1a2b3c4`, `1a2b3c4^`); null where it is not there. Without it the hunks alone have
   * to do, which is less sure where later commits rewrote what is around them.
   */
  readonly readAt?: (revision: string, path: string) => Promise<string | null>
  /** Where a file that the culprit changed is now, when a later commit moved it. */
  readonly movedTo?: (path: string) => Promise<string | null>
}

/** A file with the culprit's edits taken back. */
export type TakenBack = {
  readonly file: string
  readonly before: string
  readonly after: string
}

export type TakeBackResult =
  | {
      readonly ok: true
      readonly files: readonly TakenBack[]
      readonly edits: number
      readonly ofEdits: number
    }
  | { readonly ok: false; readonly reason: string }

/**
 * Takes back what of a commit brought the failure, on the files as they are now: first only the edits that tell of the
 * failure, then the first hunk whole, then all that was given. The first of these that can be done and still parses is
 * the answer.
 */
export async function takeBackCommit(
  files: FileVersions,
  culprit: Culprit,
  failure: FailureWords,
): Promise<TakeBackResult> {
  const { readFile, movedTo } = files
  const result = await attempt(files, culprit, failure)
  // Whole files that have little in common any more may still hold the lines of a hunk.
  if (result.ok || files.readAt === undefined) return result
  const again = await attempt({ readFile, ...(movedTo === undefined ? {} : { movedTo }) }, culprit, failure)
  return again.ok ? again : result
}

async function attempt(
  files: FileVersions,
  culprit: Culprit,
  failure: FailureWords,
): Promise<TakeBackResult> {
  const changes = await changesOf(files, culprit)
  const [firstHunk] = culprit.hunks
  if (firstHunk === undefined || changes.length === 0) {
    return { ok: false, reason: `the files that ${short(culprit.sha)} changed are not there any more` }
  }
  const texts = changes.flatMap((change) => change.texts)
  let reason = `later commits rewrote what ${short(culprit.sha)} changed`
  for (const chosen of selections(texts, firstHunk, failure)) {
    const tried = await applied(changes, chosen)
    if (tried === 'unreadable')
      reason = `the code would not parse with the change of ${short(culprit.sha)} taken back`
    if (typeof tried === 'string') continue
    return { ok: true, files: tried, edits: countEdits(chosen), ofEdits: countEdits(everything(texts)) }
  }
  return { ok: false, reason }
}

const short = (sha: string): string => sha.slice(0, 7)

type FileChange = { readonly file: string; readonly current: string; readonly texts: readonly ChangedText[] }
type Selection = ReadonlyMap<ChangedText, readonly Edit[]>

const countEdits = (selection: Selection): number =>
  selection.values().reduce((sum, edits) => sum + edits.length, 0)

const everything = (texts: readonly ChangedText[]): Selection =>
  new Map(texts.map((text) => [text, text.edits]))

function* selections(
  texts: readonly ChangedText[],
  firstHunk: ChangedHunk,
  failure: FailureWords,
): Generator<Selection> {
  const telling = tellingEdits(texts, failure, (text, edit) => isInHunk(text, edit, firstHunk))
  const withNeeds = new Map([...telling].map(([text, edits]) => [text, withNeeded(text, edits)]))
  if (telling.size > 0) yield withNeeds
  // A leak that came with new code: taking back the function alone would leave its callers behind.
  else if (failure.releaseStopped) yield everything(texts)
  const hunk = new Map(
    texts.flatMap((text) => {
      const edits = text.edits.filter((edit) => isInHunk(text, edit, firstHunk))
      return edits.length === 0 ? [] : [[text, edits] as const]
    }),
  )
  if (hunk.size > 0) yield hunk
  yield everything(texts)
}

/** Is an edit one of the hunk's? By its lines: line numbers of hunks and files may be counted differently. */
function isInHunk(text: ChangedText, edit: Edit, hunk: ChangedHunk): boolean {
  const side = (mark: string): Set<string> =>
    new Set(hunk.lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1).trim()))
  const within = (lines: readonly string[], set: ReadonlySet<string>): boolean =>
    lines.some((line) => line.trim() !== '' && set.has(line.trim()))
  return within(addedLines(text, edit), side('+')) || within(removedLines(text, edit), side('-'))
}

async function changesOf(files: FileVersions, culprit: Culprit): Promise<FileChange[]> {
  const paths = [...new Set(culprit.hunks.map((hunk) => hunk.file))]
  const found: FileChange[] = []
  for (const file of paths) {
    const path = (await files.readFile(file)) === null ? await files.movedTo?.(file) : file
    const current = path === null || path === undefined ? null : await files.readFile(path)
    if (path === null || path === undefined || current === null) continue
    const hunks = culprit.hunks.filter((hunk) => hunk.file === file)
    const whole = await wholeVersions(files, culprit.sha, file)
    const versions = whole === null ? hunks.map(hunkVersions) : [whole]
    found.push({ file: path, current, texts: versions.map(readEdits) })
  }
  return found
}

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.replace(/\r$/, ''))

async function wholeVersions(
  files: FileVersions,
  sha: string,
  path: string,
): Promise<ChangedText['versions'] | null> {
  const after = (await files.readAt?.(sha, path)) ?? null
  const before = (await files.readAt?.(`${sha}^`, path)) ?? null
  if (after === null || before === null) return null
  return { before: linesOf(before), after: linesOf(after), startsAt: 0, whole: true }
}

function hunkVersions(hunk: ChangedHunk): ChangedText['versions'] {
  const side = (mark: '+' | '-'): string[] =>
    hunk.lines
      .filter((line) => line === '' || line.startsWith(' ') || line.startsWith(mark))
      .map((line) => line.slice(1).replace(/\r$/, ''))
  return { before: side('-'), after: side('+'), startsAt: Math.max(0, hunk.newStart - 1), whole: false }
}

async function applied(
  changes: readonly FileChange[],
  chosen: Selection,
): Promise<TakenBack[] | 'gone' | 'unreadable'> {
  const results: TakenBack[] = []
  for (const { file, current, texts } of changes) {
    const lineBreak = current.includes('\r\n') ? '\r\n' : '\n'
    let lines: readonly string[] = linesOf(current)
    for (const text of texts) {
      const edits = chosen.get(text)
      lines = (edits === undefined ? null : takeBack(lines, text, edits)) ?? lines
    }
    const after = lines.join(lineBreak)
    if (after === linesOf(current).join(lineBreak)) continue
    if (!(await stillParses(file, current, after))) return 'unreadable'
    const language = languageOf(file)
    const tidy = language === null ? after : await withoutUnusedImports(current, after, language)
    results.push({ file, before: current, after: tidy })
  }
  return results.length === 0 ? 'gone' : results
}

async function stillParses(file: string, before: string, after: string): Promise<boolean> {
  const grammar = languageOf(file)?.grammar
  if (grammar === undefined) return true
  const errorsBefore = await withTree(grammar, before, countSyntaxErrors)
  const errorsAfter = await withTree(grammar, after, countSyntaxErrors)
  return errorsBefore === null || errorsAfter === null || errorsAfter <= errorsBefore
}
