import { applyPatch as applyText, parsePatch } from 'diff'
import { AppError } from '../../errors.ts'

/** The text of every file of a commit, by path. */
export type FileTree = ReadonlyMap<string, string>

/** One commit as `git format-patch` writes it: what it says, and what it changes. */
export type CommitPatch = {
  /** The file's name without its ending: `0004-add-search`. */
  readonly name: string
  readonly subject: string
  readonly body: string
  readonly diff: string
}

/** Refuses a patch without subject or changes: then the file is not one of ours. */
export function readCommitPatch(name: string, text: string): CommitPatch {
  const [, head = '', diff = ''] = /^([\s\S]*?\n)---\n([\s\S]*)$/.exec(text) ?? []
  const [, subject = '', body = ''] = /^Subject: \[PATCH\] (.+)\n\n([\s\S]*)$/m.exec(head) ?? []
  if (subject === '' || !diff.startsWith('diff --git ')) {
    throw new AppError('LAB_FAILED', `expected a patch as git format-patch writes it, found ${name}`)
  }
  return { name, subject, body: body.trim(), diff }
}

/** The files after the patch; null where a hunk fits nowhere, so that nothing is ever changed half-way. */
export function applyCommitPatch(files: FileTree, patch: CommitPatch): FileTree | null {
  const after = new Map(files)
  for (const change of parsePatch(patch.diff)) {
    const from = pathOf(change.oldFileName)
    const to = pathOf(change.newFileName)
    if (from === null && to !== null && files.has(to)) return null // it is there already
    const before = from === null ? '' : files.get(from)
    if (before === undefined) return null
    const text = applyText(before, change, { fuzzFactor: 0 })
    if (text === false) return null
    if (to === null) after.delete(from ?? '')
    else after.set(to, text)
  }
  return after
}

/** `a/app/links.js` without its first part; null for `/dev/null`. */
function pathOf(name: string | undefined): string | null {
  if (name === undefined || name === '/dev/null') return null
  return name.replace(/^[ab]\//, '')
}
