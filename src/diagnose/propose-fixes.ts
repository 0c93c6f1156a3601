import type { SourceReader } from './explain-source.ts'
import type { ProposedFix } from './fix.ts'
import { handleError } from './handle-error.ts'
import { languageOf } from './languages/all.ts'
import { observe } from './observe.ts'
import { removeGuard } from './remove-guard.ts'
import type { SourceExplanation } from './source-explanation.ts'
import { takeBackCommit } from './take-back-commit.ts'
import type { Culprit, FileVersions, TakenBack } from './take-back-commit.ts'
import { unifiedPatch } from './unified-patch.ts'

export type FixInput = {
  readonly explanation: SourceExplanation | null
  /** The failure was found to be a matter of chance. */
  readonly nondeterministic: boolean
  readonly culprit: Culprit | null
  readonly exceptionType: string | null
  readonly message: string | null
  /** The culprit stopped releasing something: the release is what must come back. */
  readonly releaseStopped?: boolean
}

/**
 * What could be done in the application's own source, the surest first: remove the cause, handle the error, observe it
 * better. A kind that has nothing to say of this source is left out; a cause that only a person can remove has no patch
 * and says why.
 */
export async function proposeFixes(
  deps: SourceReader & FileVersions,
  input: FixInput,
): Promise<readonly ProposedFix[]> {
  const { explanation } = input
  const text = explanation === null ? null : await deps.readFile(explanation.file)
  const removed = await removeCause(deps, input, text)
  if (explanation === null || text === null) return removed === null ? [] : [removed]
  const handled = await handleError(text, explanation, input.exceptionType)
  const observed = await observe(text, explanation, input.exceptionType)
  return [removed, handled, observed].filter((fix) => fix !== null)
}

async function removeCause(
  deps: FileVersions,
  input: FixInput,
  text: string | null,
): Promise<ProposedFix | null> {
  const guard = await takeGuardOut(input, text)
  if (guard !== null) return guard
  return input.culprit === null ? null : takeCulpritBack(deps, input, input.culprit)
}

async function takeGuardOut(input: FixInput, text: string | null): Promise<ProposedFix | null> {
  const { explanation } = input
  const guard = explanation?.guard
  if (text === null || explanation === null || guard?.kind !== 'nondeterministic') return null
  if (!input.nondeterministic && !explanation.raises) return null
  const language = languageOf(explanation.file)
  const after = language === null ? null : await removeGuard(text, language, explanation.line)
  if (after === null) return null
  return {
    kind: 'remove-cause',
    title: `Take out the failure that chance decides in ${explanation.function ?? explanation.file}`,
    description: `Line ${guard.line} lets \`${guard.text}\` decide whether line ${explanation.line} runs. The condition and what only it let run are taken out; everything else stays as it is.`,
    file: explanation.file,
    language: explanation.language,
    code: changedCode(text, after),
    patch: unifiedPatch(explanation.file, text, after),
  }
}

async function takeCulpritBack(deps: FileVersions, input: FixInput, culprit: Culprit): Promise<ProposedFix> {
  const { explanation } = input
  const failing = explanation?.snippet.find((each) => each.line === explanation.line)
  const result = await takeBackCommit(deps, culprit, {
    exceptionType: input.exceptionType,
    message: input.message,
    failingLine: failing?.text.trim() ?? null,
    releaseStopped: input.releaseStopped ?? false,
  })
  const name = `${culprit.sha.slice(0, 7)} "${culprit.subject}"`
  const file = (result.ok ? result.files[0]?.file : culprit.hunks[0]?.file) ?? null
  const language = (file === null ? null : languageOf(file)?.name) ?? explanation?.language ?? 'unknown'
  const base = { kind: 'remove-cause', file, language } as const
  if (!result.ok) {
    return {
      ...base,
      title: `Take back the change of ${name}`,
      description: `No patch could be made: ${result.reason}. The lines below are what the commit changed.`,
      code: culprit.hunks[0]?.lines.join('\n') ?? '',
      patch: null,
    }
  }
  const part = result.edits === result.ofEdits ? 'all' : `${result.edits} of ${result.ofEdits}`
  return {
    ...base,
    title:
      input.releaseStopped === true
        ? `Release again what ${name} stopped releasing`
        : `Take back the change of ${name}`,
    description: `Takes back ${part} of the commit's edits that explain the failure, on the work tree as it is now; later work stays.`,
    code: result.files.map(({ before, after }) => changedCode(before, after)).join('\n'),
    patch: patchOf(result.files),
  }
}

function patchOf(files: readonly TakenBack[]): string {
  return files.map(({ file, before, after }) => unifiedPatch(file, before, after) ?? '').join('')
}

const AROUND = 3

/** The changed lines of the new text with a few around them. */
function changedCode(before: string, after: string): string {
  const [old, now] = [before.split(/\r?\n/), after.split(/\r?\n/)]
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1
  let tail = 0
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail))
    tail += 1
  return now
    .slice(Math.max(0, head - AROUND), now.length - tail + AROUND)
    .join('\n')
    .trimEnd()
}
