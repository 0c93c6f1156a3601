import { spawn } from 'node:child_process'
import { AppError } from './errors.ts'

/**
 * Git without a shell, and without anything that a repository's own configuration could make it run: hooks, pagers,
 * external diffs, text conversion, file-system monitors, signature checks, lazy fetches. It never writes to the
 * repository, not even its index. Names and addresses of people never leave this file.
 */
export type Git = {
  /** Standard output of one git command at `repository`. Throws `GIT_FAILED` with git's own words. */
  run(repository: string, args: readonly string[], options?: GitRunOptions): Promise<GitOutput>
}

export type GitRunOptions = {
  readonly stdin?: string
  /** Output past this is cut, git is ended, and `truncated` says so; 64 MB by default. */
  readonly maxBytes?: number
  /** Exit codes that are answers; 0 by default. */
  readonly okCodes?: readonly number[]
}

export type GitOutput = { readonly bytes: Buffer; readonly code: number; readonly truncated: boolean }

const SAFE_CONFIGURATION: readonly string[] = [
  'core.quotepath=off',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.attributesFile=/dev/null',
  'core.untrackedCache=false',
  'diff.external=',
  'diff.renameLimit=400',
  'diff.noprefix=false',
  'diff.mnemonicPrefix=false',
  'diff.submodule=short',
  'diff.algorithm=myers',
  'diff.relative=false',
  'diff.suppressBlankEmpty=false',
  'log.showRoot=true',
  'blame.ignoreRevsFile=',
  'color.ui=false',
  'log.showSignature=false',
  'log.mailmap=false',
  'protocol.allow=never',
  'submodule.recurse=false',
]

/** Git as a function of an environment; of it only what finds programs and folders is handed on. */
export function createGit(deps: { environment: Readonly<Record<string, string | undefined>> }): Git {
  const environment = safeEnvironment(deps.environment)
  return { run: (repository, args, options = {}) => runGit({ environment, repository, args }, options) }
}

function safeEnvironment(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of ['PATH', 'Path', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot']) {
    const value = given[name]
    if (value !== undefined) kept[name] = value
  }
  return {
    ...kept,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
  }
}

type Invocation = {
  readonly environment: Record<string, string>
  readonly repository: string
  readonly args: readonly string[]
}

function runGit(invocation: Invocation, options: GitRunOptions): Promise<GitOutput> {
  const { environment, repository, args } = invocation
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024
  const okCodes = options.okCodes ?? [0]
  // Only what runs nothing is allowed above, so that reading another user's repository is safe.
  const settings = [...SAFE_CONFIGURATION, 'safe.directory=*'].flatMap((setting) => ['-c', setting])
  const command = ['--no-pager', '--literal-pathspecs', ...settings, '-C', repository, ...args]
  return new Promise((resolve, reject) => {
    const child = spawn('git', command, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    let size = 0
    let truncated = false
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (truncated) return
      chunks.push(chunk)
      size += chunk.length
      if (size <= maxBytes) return
      truncated = true
      child.kill()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 4000) complaint += chunk.toString('utf8')
    })
    child.on('error', (cause) => reject(notStarted(repository, cause)))
    child.on('close', (code) => {
      const bytes = Buffer.concat(chunks).subarray(0, maxBytes)
      if (truncated || (code !== null && okCodes.includes(code))) {
        resolve({ bytes, code: code ?? 0, truncated })
      } else reject(gitFailed(invocation, code, complaint))
    })
    child.stdin.on('error', () => {}) // git may end before it has read all: its exit code tells what happened
    child.stdin.end(options.stdin ?? '')
  })
}

function notStarted(repository: string, cause: Error): AppError {
  return new AppError(
    'GIT_FAILED',
    `expected to run git at ${repository}, but it did not start: ${cause.message}`,
    {
      hint: 'install git, and check that the folder exists',
      cause,
    },
  )
}

function gitFailed(invocation: Invocation, code: number | null, complaint: string): AppError {
  const words = complaint.trim().split('\n')[0] ?? ''
  const message = `git ${invocation.args[0] ?? ''} at ${invocation.repository} ended with ${code ?? 'a signal'}: ${words}`
  if (/not a git repository|does not have any commits/i.test(complaint)) {
    return new AppError(
      'NOT_A_REPOSITORY',
      `expected a git work tree, found ${invocation.repository}: ${words}`,
    )
  }
  return new AppError('GIT_FAILED', message)
}

/** The full id of the commit that a name stands for, or null where the repository does not know it. */
export async function resolveCommit(git: Git, repository: string, name: string): Promise<string | null> {
  if (name === '' || name.startsWith('-') || /[\s:]/.test(name)) return null
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const { bytes, code } = await git.run(repository, args, { okCodes: [0, 1, 128] })
  const sha = bytes.toString('utf8').trim()
  return code === 0 && /^[0-9a-f]{40,64}$/.test(sha) ? sha : null
}

/** Paths of all files of one commit. */
export async function listFiles(git: Git, repository: string, commit: string): Promise<readonly string[]> {
  const { bytes } = await git.run(repository, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit])
  return bytes.toString('utf8').split('\0').filter(Boolean)
}

/** Text of many blobs in one process, by the name asked for (`sha` or `commit:path`); what is missing is left out. */
export async function readBlobs(
  git: Git,
  repository: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const asked = [...new Set(names)].filter((name) => !name.includes('\n'))
  if (asked.length === 0) return texts
  const { bytes } = await git.run(repository, ['cat-file', '--batch'], { stdin: `${asked.join('\n')}\n` })
  let at = 0
  for (const name of asked) {
    const end = bytes.indexOf(10, at)
    if (end < 0) break
    const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(bytes.toString('utf8', at, end))
    at = end + 1
    if (header === null) continue // `<name> missing`
    const size = Number(header[2])
    if (header[1] === 'blob' && at + size <= bytes.length)
      texts.set(name, bytes.toString('utf8', at, at + size))
    at += size + 1
  }
  return texts
}

/** Where a line came from, within the range. */
export type LineOrigin = {
  readonly line: number
  readonly sha: string
  readonly file: string
  readonly originalLine: number
}

export type BlameQuestion = {
  readonly repository: string
  /** `good..bad`, or `bad` alone. */
  readonly range: string
  readonly file: string
  /** Inclusive pairs, counted from 1. */
  readonly lines: readonly (readonly [number, number])[]
}

/** The commits of the range that last changed these lines; lines older than the range are left out. */
export async function blameLines(git: Git, question: BlameQuestion): Promise<readonly LineOrigin[]> {
  const spans = question.lines.flatMap(([from, to]) => ['-L', `${from},${to}`])
  const options = [
    'blame',
    '--porcelain',
    '--no-textconv',
    '-M',
    ...spans,
    question.range,
    '--',
    question.file,
  ]
  const { bytes } = await git.run(question.repository, options, { okCodes: [0, 128] })
  const boundaries = new Set<string>()
  const files = new Map<string, string>()
  const found: Omit<LineOrigin, 'file'>[] = []
  let sha = ''
  for (const text of bytes.toString('utf8').split('\n')) {
    const head = /^([0-9a-f]{40,64}) (\d+) (\d+)/.exec(text)
    if (head !== null) {
      sha = head[1] ?? ''
      found.push({ sha, originalLine: Number(head[2]), line: Number(head[3]) })
    } else if (text === 'boundary') boundaries.add(sha)
    else if (text.startsWith('filename ')) files.set(sha, text.slice('filename '.length))
  }
  return found
    .filter((line) => !boundaries.has(line.sha))
    .map((line) => ({ ...line, file: files.get(line.sha) ?? question.file }))
}

export type LogQuestion = {
  readonly repository: string
  /** As `git log` takes them: `bad`, `^good`. */
  readonly revisions: readonly string[]
  /** Only commits that touch one of these; all where it is left out. */
  readonly paths?: readonly string[]
  readonly maxCommits: number
  readonly maxBytes: number
}

/** One patch per commit, as `git log` prints it: heads are NUL-separated fields that name no person. */
export async function logPatches(git: Git, question: LogQuestion): Promise<string> {
  const options = ['--no-ext-diff', '--no-textconv', '--no-color', '--full-index', '-M', '-U3', '--cc']
  const format = ['--encoding=UTF-8', '--format=%x00%H%x00%ct%x00%P%x00%s%x00']
  // Of a commit that is listed for one path, the other files are read too.
  const limits = [
    `--max-count=${question.maxCommits}`,
    ...(question.paths === undefined ? [] : ['--full-diff']),
  ]
  const range = ['--end-of-options', ...question.revisions, '--', ...(question.paths ?? [])]
  const args = ['log', '-p', ...options, ...format, ...limits, ...range]
  const { bytes } = await git.run(question.repository, args, { maxBytes: question.maxBytes })
  return bytes.toString('utf8')
}

/** Where a file of a commit stands now; null where it was removed, or nothing like it is there. */
export async function renamedSince(
  git: Git,
  repository: string,
  { commit, path }: { readonly commit: string; readonly path: string },
): Promise<string | null> {
  const options = ['--find-renames', '--diff-filter=R', '--name-status', '-z', '--no-ext-diff']
  const { bytes } = await git.run(repository, ['diff', ...options, commit, 'HEAD'])
  const fields = bytes.toString('utf8').split('\0')
  for (let at = 0; at + 2 < fields.length; at += 3) {
    if (fields[at + 1] === path) return fields[at + 2] ?? null
  }
  return null
}
