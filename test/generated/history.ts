import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** One commit: the whole tree as it stands after it. */
export type Snapshot = {
  readonly subject: string
  readonly at: number
  readonly files: ReadonlyMap<string, string>
}

/** Writes a linear history in one process and returns the commits' ids, oldest first. Same snapshots, same ids. */
export function writeHistory(directory: string, snapshots: readonly Snapshot[]): string[] {
  mkdirSync(directory, { recursive: true })
  git(directory, ['init', '-q', '-b', 'main'])
  let before: ReadonlyMap<string, string> = new Map()
  const stream: string[] = []
  for (const { subject, at, files } of snapshots) {
    stream.push('commit refs/heads/main\n')
    stream.push(`committer The Team <team@example.invalid> ${Math.floor(at / 1000)} +0000\n`)
    stream.push(`data ${Buffer.byteLength(subject)}\n${subject}\n`)
    for (const path of before.keys()) if (!files.has(path)) stream.push(`D ${path}\n`)
    for (const [path, text] of files) {
      if (before.get(path) !== text)
        stream.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`)
    }
    stream.push('\n')
    before = files
  }
  git(directory, ['fast-import', '--quiet', '--date-format=raw'], stream.join(''))
  git(directory, ['reset', '-q', '--hard', 'main'])
  return git(directory, ['rev-list', '--reverse', 'main']).trim().split('\n')
}

function git(directory: string, args: readonly string[], input = ''): string {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  return execFileSync('git', ['-C', directory, ...args], {
    input,
    env: environment,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}
