import { structuredPatch } from 'diff'
import type { CommitView } from '../src/diagnose/function-edits.ts'
import { sourceTexts, viewCommit } from '../src/diagnose/function-edits.ts'
import type { FileChange } from '../src/diagnose/parse-patch.ts'

/** A file before and after a commit; null where it did not exist. */
export type FileVersions = {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** A commit as the clues see it, made of file versions instead of a repository. */
export function viewOf(files: readonly FileVersions[], sha = '1'.repeat(40)): CommitView {
  const blobs = new Map<string, string>()
  const changes = files.map(({ path, before, after }): FileChange => {
    const { hunks } = structuredPatch(path, path, before ?? '', after ?? '', '', '', { context: 3 })
    if (before !== null) blobs.set(`${path}:before`, before)
    if (after !== null) blobs.set(`${path}:after`, after)
    return {
      path,
      oldPath: path,
      oldBlob: before === null ? null : `${path}:before`,
      newBlob: after === null ? null : `${path}:after`,
      binary: false,
      hunks: hunks.map(({ oldStart, newStart, lines }) => ({
        file: path,
        oldStart,
        newStart,
        lines: lines.filter((line) => !line.startsWith('\\')),
      })),
    }
  })
  const commit = { sha, subject: 'a change', committedAt: 0, parents: ['0'.repeat(40)], files: changes }
  return viewCommit(commit, sourceTexts(blobs))
}
