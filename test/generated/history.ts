import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One commit: the whole tree as it stands after it. */
export type Snapshot = {
  readonly subject: string
  readonly at: number
  readonly files: ReadonlyMap<string, string>
  /** Made on a branch of its own; the subject of the merge that brought it to main. */
  readonly merged?: string | undefined
}

/** Writes a history in one process and returns the snapshots' commits, oldest first. Same snapshots, same ids. */
export function writeHistory(directory: string, snapshots: readonly Snapshot[]): string[] {
  mkdirSync(directory, { recursive: true })
  git(directory, ['init', '-q', '-b', 'main'])
  let before: ReadonlyMap<string, string> = new Map()
  const stream: string[] = []
  let main = 0
  for (const [index, { subject, at, files, merged }] of snapshots.entries()) {
    const changes = changesBetween(before, files)
    const tip = main === 0 ? '' : `from :${main}\n`
    if (merged === undefined)
      stream.push(commitHead({ branch: 'main', mark: index + 1, at, subject }), tip, changes)
    else {
      stream.push(commitHead({ branch: 'side', mark: index + 1, at, subject }), tip, changes)
      const mark = snapshots.length + index + 1
      stream.push(commitHead({ branch: 'main', mark, at: at + 60_000, subject: merged }), tip)
      stream.push(`merge :${index + 1}\n`, changes)
    }
    main = merged === undefined ? index + 1 : snapshots.length + index + 1
    before = files
  }
  const marks = join(directory, '.git', 'marks')
  git(directory, ['fast-import', '--quiet', '--date-format=raw', `--export-marks=${marks}`], stream.join(''))
  git(directory, ['reset', '-q', '--hard', 'main'])
  if (snapshots.some(({ merged }) => merged !== undefined)) git(directory, ['branch', '-q', '-D', 'side'])
  const ids = new Map(
    readFileSync(marks, 'utf8')
      .split('\n')
      .map((row) => [row.split(' ')[0], row.split(' ')[1] ?? ''] as const),
  )
  return snapshots.map((_, index) => ids.get(`:${index + 1}`) ?? '')
}

type Head = { readonly branch: string; readonly mark: number; readonly at: number; readonly subject: string }

function commitHead({ branch, mark, at, subject }: Head): string {
  const committer = `committer The Team <team@example.invalid> ${Math.floor(at / 1000)} +0000`
  return `commit refs/heads/${branch}\nmark :${mark}\n${committer}\ndata ${Buffer.byteLength(subject)}\n${subject}\n`
}

function changesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => `D ${path}\n`)
  const written = [...after]
    .filter(([path, text]) => before.get(path) !== text)
    .map(([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`)
  return `${[...gone, ...written].join('')}\n`
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
