import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One commit of a history made for a test. */
export type HistoryStep = {
  readonly message: string
  /** Whole files; `null` removes one. */
  readonly files?: Readonly<Record<string, string | null>>
  /** Edits of files that are there: the first text, which must occur exactly once, becomes the second. */
  readonly edits?: readonly (readonly [file: string, from: string, to: string])[]
  readonly tag?: string
}

export type MadeHistory = {
  readonly directory: string
  /** Commit ids in the order of the steps. */
  readonly shas: readonly string[]
  readonly times: readonly number[]
}

const STEP_MS = 5 * 3_600_000

/** Makes a git repository step by step, dated `startAt` and then every five hours; the same steps give the same ids. */
export function makeHistory(directory: string, steps: readonly HistoryStep[], startAt: number): MadeHistory {
  const files = new Map<string, string>()
  const shas: string[] = []
  const times: number[] = []
  mkdirSync(directory, { recursive: true })
  git(directory, startAt, ['init', '-q', '-b', 'main'])
  for (const [index, step] of steps.entries()) {
    const at = startAt + index * STEP_MS
    for (const [path, text] of Object.entries(step.files ?? {})) put(directory, files, { path, text })
    for (const [path, from, to] of step.edits ?? []) {
      put(directory, files, { path, text: edited(files.get(path) ?? '', from, { to, path }) })
    }
    git(directory, at, ['add', '-A'])
    git(directory, at, ['commit', '-q', '--allow-empty', '-m', step.message])
    if (step.tag) git(directory, at, ['tag', step.tag])
    shas.push(git(directory, at, ['rev-parse', 'HEAD']).trim())
    times.push(at)
  }
  return { directory, shas, times }
}

function put(
  directory: string,
  files: Map<string, string>,
  { path, text }: { path: string; text: string | null },
): void {
  const at = join(directory, path)
  if (text === null) {
    files.delete(path)
    return rmSync(at)
  }
  files.set(path, text)
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, text)
}

function edited(text: string, from: string, { to, path }: { to: string; path: string }): string {
  if (text.split(from).length !== 2) {
    throw new Error(`expected this exactly once in ${path}: ${from}\nfound:\n${text}`)
  }
  return text.replace(from, () => to)
}

function git(directory: string, at: number, args: readonly string[]): string {
  const date = new Date(at).toISOString()
  const person = {
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.invalid',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.invalid',
  }
  const env = {
    ...process.env,
    ...person,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  }
  return execFileSync('git', ['-C', directory, ...args], { env, encoding: 'utf8' })
}
