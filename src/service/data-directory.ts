import { join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'

/** Everything that `serve` keeps: it writes nowhere else. */
export type DataDirectory = {
  readonly root: string
  readonly telemetry: string
  /** How far each log file was read. */
  readonly tails: string
  /** What was last seen of each watched repository. */
  readonly repositories: string
  readonly detectionFile: string
  readonly silencesFile: string
  /** Where to reach the running server, for our own command line; 0600. */
  readonly serveFile: string
}

export function dataDirectoryAt(directory: string): DataDirectory {
  const root = resolve(directory)
  return {
    root,
    telemetry: join(root, 'telemetry'),
    tails: join(root, 'tails'),
    repositories: join(root, 'repositories'),
    detectionFile: join(root, 'detection.json'),
    silencesFile: join(root, 'silences.json'),
    serveFile: join(root, 'serve.json'),
  }
}

/** `$XDG_DATA_HOME/firebreak`; for root `/var/lib/firebreak`. */
export function defaultDataRoot(env: Readonly<Record<string, string | undefined>>, isRoot: boolean): string {
  if (isRoot) return '/var/lib/firebreak'
  return join(env['XDG_DATA_HOME'] ?? join(env['HOME'] ?? '.', '.local', 'share'), 'firebreak')
}

/** Makes the folders, for us alone. Throws `OUTPUT_UNWRITABLE`. */
export function prepareDataDirectory(directory: DataDirectory): void {
  try {
    for (const folder of [directory.root, directory.telemetry, directory.tails, directory.repositories]) {
      makeFolder(folder, 0o700)
    }
  } catch (cause) {
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `expected a data folder that can be written, found ${directory.root}: ${(cause as Error).message}`,
      { hint: 'give --data DIR', cause },
    )
  }
}
