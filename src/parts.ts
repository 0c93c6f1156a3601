import type { Readable } from 'node:stream'
import type { Git } from './git.ts'
import { openRepository, workTree, type Repository } from './repository.ts'
import type { LogDigest } from './telemetry/index.ts'
import type { EpochMs } from './time.ts'

/** What the composition root hands to every job. */
export type Parts = {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly git: Git
  readonly now: () => EpochMs
  /** From 0 up to 1: spreads what would otherwise happen all at once. */
  readonly random: () => number
  /** An id that nobody had before. */
  readonly newId: () => string
}

export type Progress = {
  readonly note: (text: string) => void
  readonly update: (text: string) => void
}
/** How a job tells of itself, and how it is stopped. */
export type Doing = { readonly progress: Progress; readonly signal: AbortSignal; readonly stdin?: Readable }

/** The repository that was named, else the work tree around the working directory, else none. */
export async function repositoryOf({ git, cwd }: Parts, named: string | null): Promise<Repository | null> {
  const directory = named ?? (await workTree(git, cwd))
  return directory === null ? null : openRepository(git, directory)
}

export function filesOf(repository: Repository | null): { repositoryFiles?: ReadonlySet<string> } {
  return repository === null ? {} : { repositoryFiles: repository.files }
}

/** What reading logs needs, with its progress told in megabytes. */
export function readDeps({ now }: Parts, { progress, stdin }: Doing) {
  const onProgress = (read: { bytes: number; totalBytes: number; file: string }): void => {
    const share = read.totalBytes > 0 ? `${Math.floor((read.bytes / read.totalBytes) * 100)} %` : ''
    progress.update(`reading ${read.file} ${Math.round(read.bytes / 1e6)} MB ${share}`)
  }
  return { now, onProgress, ...(stdin ? { stdin } : {}) }
}

/** What a reader of the logs and of the repository should know. */
export function notesOf(logs: LogDigest, repository: Repository | null): readonly string[] {
  const ofFiles = logs.files.flatMap(({ file, notes }) => notes.map((note) => `${file}: ${note}`))
  return [...(repository?.notes ?? []), ...ofFiles]
}
