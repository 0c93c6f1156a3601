import type { EpochMs } from '../time.ts'
import type { ChangedHunk } from './commit-candidate.ts'

/** One file of a commit; `oldPath` differs from `path` where it was renamed. */
export type FileChange = {
  readonly path: string
  readonly oldPath: string
  /** Blob ids, null where the file did not exist on that side (or the change is a merge's own). */
  readonly oldBlob: string | null
  readonly newBlob: string | null
  readonly binary: boolean
  readonly hunks: readonly ChangedHunk[]
}

/** One commit with its patch; a merge carries only what it changed against all of its parents. */
export type CommitChange = {
  readonly sha: string
  readonly subject: string
  readonly committedAt: EpochMs
  readonly parents: readonly string[]
  readonly files: readonly FileChange[]
}

/** Lines kept of one file's change: beyond this it is generated, vendored or a lock file, and says no more. */
const MAX_LINES_PER_FILE = 4000

/** Reads what `logPatches` of git.ts prints. Tolerates a last commit that was cut. */
export function parsePatches(text: string): CommitChange[] {
  const fields = text.split('\0')
  const commits: CommitChange[] = []
  // '' sha time parents subject patch sha time …: five fields per commit after the first, empty one.
  for (let at = 1; at + 3 < fields.length; at += 5) {
    const [sha = '', time = '', parents = '', subject = '', patch = ''] = fields.slice(at, at + 5)
    if (!/^[0-9a-f]{40,64}$/.test(sha)) break // a NUL inside a patch: what follows cannot be trusted
    commits.push({
      sha,
      subject,
      committedAt: Number(time) * 1000,
      parents: parents.split(' ').filter(Boolean),
      files: parseFiles(patch),
    })
  }
  return commits
}

/** The files of one patch in git's unified or combined format. */
export function parseFiles(patch: string): FileChange[] {
  const files: FileChange[] = []
  const lines = patch.split('\n')
  let from = -1
  for (let at = 0; at <= lines.length; at++) {
    if (at < lines.length && !/^diff --(git|cc|combined) /.test(lines[at] ?? '')) continue
    if (from >= 0) {
      const file = parseFile(lines, from, at)
      if (file !== null) files.push(file)
    }
    from = at
  }
  return files
}

type FileHead = {
  path: string
  oldPath: string
  oldBlob: string | null
  newBlob: string | null
  binary: boolean
}

function parseFile(lines: readonly string[], from: number, to: number): FileChange | null {
  const head = startOfHead(lines[from] ?? '')
  let at = from + 1
  while (at < to && !(lines[at] ?? '').startsWith('@@')) readHeadLine(head, lines[at++] ?? '')
  if (head.path === '') return null
  const hunks: ChangedHunk[] = []
  const last = Math.min(to, from + MAX_LINES_PER_FILE)
  while (at < last) {
    const { hunk, next } = parseHunk(lines, at, { to: last, file: head.path })
    if (hunk !== null) hunks.push(hunk)
    at = next
  }
  return { ...head, hunks }
}

function startOfHead(line: string): FileHead {
  const combined = /^diff --(?:cc|combined) (.+)$/.exec(line)
  const path =
    combined === null ? symmetricPath(line.slice('diff --git '.length)) : unquote(combined[1] ?? '')
  return { path, oldPath: path, oldBlob: null, newBlob: null, binary: false }
}

/** `a/x b/x` with the same x twice; where they differ, rename lines follow that say it better. */
function symmetricPath(rest: string): string {
  const half = (rest.length - 1) / 2
  const old = unquote(rest.slice(0, half))
  return old.startsWith('a/') ? old.slice(2) : ''
}

function readHeadLine(head: FileHead, line: string): void {
  const ids = /^index ([0-9a-f]{40,64})\.\.([0-9a-f]{40,64})/.exec(line)
  if (ids !== null) {
    head.oldBlob = blobOrNull(ids[1])
    head.newBlob = blobOrNull(ids[2])
  } else if (line.startsWith('rename from ')) head.oldPath = unquote(line.slice('rename from '.length))
  else if (line.startsWith('rename to ')) head.path = unquote(line.slice('rename to '.length))
  else if (line.startsWith('--- ')) readSide(line.slice(4), (path) => (head.oldPath = path))
  else if (line.startsWith('+++ ')) readSide(line.slice(4), (path) => (head.path = path))
  else if (line.startsWith('Binary files ')) head.binary = true
}

function readSide(name: string, set: (path: string) => void): void {
  const path = unquote(name.replace(/\t$/, ''))
  if (path !== '/dev/null') set(path.replace(/^[ab]\//, ''))
}

function blobOrNull(id: string | undefined): string | null {
  return id === undefined || /^0+$/.test(id) ? null : id
}

/** Git puts paths with unusual characters between quotes, with C's escapes. */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name
  const bytes: number[] = []
  const inner = name.slice(1, name.endsWith('"') ? -1 : undefined)
  for (const [piece, octal, escaped] of inner.matchAll(/\\([0-7]{3})|\\(.)|[^\\]/gu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8))
    else if (escaped !== undefined)
      bytes.push(...Buffer.from({ n: '\n', t: '\t', r: '\r' }[escaped] ?? escaped))
    else bytes.push(...Buffer.from(piece))
  }
  return Buffer.from(bytes).toString('utf8')
}

type HunkBounds = { readonly to: number; readonly file: string }

function parseHunk(
  lines: readonly string[],
  at: number,
  bounds: HunkBounds,
): { hunk: ChangedHunk | null; next: number } {
  const head = /^(@@+) -(\d+)(?:,\d+)?(?: -\d+(?:,\d+)?)* \+(\d+)/.exec(lines[at] ?? '')
  let next = at + 1
  while (next < bounds.to && !(lines[next] ?? '').startsWith('@@')) next++
  if (head === null) return { hunk: null, next }
  const columns = (head[1] ?? '@@').length - 1
  const body: string[] = []
  for (const line of lines.slice(at + 1, next)) {
    if (line === '' && next === bounds.to) continue // the blank line between two commits
    if (line.startsWith('\\')) continue // "\ No newline at end of file"
    body.push(columns === 1 ? line : oneColumn(line, columns))
  }
  return {
    hunk: { file: bounds.file, oldStart: Number(head[2]), newStart: Number(head[3]), lines: body },
    next,
  }
}

/** A combined diff has one mark per parent; a line that any parent lacks counts as added, and so on. */
function oneColumn(line: string, columns: number): string {
  const marks = line.slice(0, columns)
  const mark = /-/.test(marks) ? '-' : /\+/.test(marks) ? '+' : ' '
  return mark + line.slice(columns)
}
