import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from './generated/history.ts'
import { writeHistory } from './generated/history.ts'

const START = Date.UTC(2026, 3, 6, 8)
const STEP_MS = 3 * 3_600_000

/** What a commit changes: whole files, or the first text of a file becoming the second; null removes a file. */
export type Change = Readonly<Record<string, string | null | readonly [from: string, to: string]>>

export type SmallHistory = {
  readonly repository: string
  /** Commit ids by subject. */
  readonly sha: (subject: string) => string
  readonly first: string
  readonly last: string
  readonly endedAt: number
  /** The line (from 1) of the first occurrence of a text in the last version of a file. */
  readonly lineOf: (path: string, text: string) => number
} & Disposable

/** A linear history of a few commits, written out as subject and change; removed when it goes out of scope. */
export function smallHistory(
  steps: readonly (readonly [subject: string, change: Change])[],
  stepMs = STEP_MS,
): SmallHistory {
  const repository = mkdtempSync(join(tmpdir(), 'history-'))
  const files = new Map<string, string>()
  const snapshots = steps.map(([subject, change], index): Snapshot => {
    for (const [path, to] of Object.entries(change)) applyChange(files, path, to)
    return { subject, at: START + index * stepMs, files: new Map(files) }
  })
  const shas = writeHistory(repository, snapshots)
  return {
    repository,
    sha: (subject) => shas[steps.findIndex(([one]) => one === subject)] ?? '',
    first: shas[0] ?? '',
    last: shas.at(-1) ?? '',
    endedAt: START + steps.length * stepMs,
    lineOf: (path, text) =>
      (files
        .get(path)
        ?.split('\n')
        .findIndex((line) => line.includes(text)) ?? -1) + 1,
    [Symbol.dispose]: () => rmSync(repository, { recursive: true, force: true }),
  }
}

/** What a commit changes, applied to the tree. */
export function applyChange(files: Map<string, string>, path: string, to: Change[string]): void {
  if (to === null || to === undefined) return void files.delete(path)
  if (typeof to === 'string') return void files.set(path, to)
  const before = files.get(path) ?? ''
  if (!before.includes(to[0])) throw new Error(`expected "${to[0]}" in ${path}:\n${before}`)
  files.set(
    path,
    before.replace(to[0], () => to[1]),
  )
}
