import { readFile } from 'node:fs/promises'
import { readFileSync, watch } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import { problemInWords, readConfig, type ConfigProblem, type ReadConfig } from './read-config.ts'

export type ConfigPlace = {
  /** Null: all defaults. */
  readonly file: string | null
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export type GoodConfig = Extract<ReadConfig, { ok: true }>

/** Reads the file that was named. Throws `INPUT_NOT_FOUND`; what is wrong inside is a value. */
export async function readConfigFile({ file, cwd, env }: ConfigPlace): Promise<ReadConfig> {
  const surroundings = {
    variable: (name: string) => env[name] ?? null,
    // A path in the configuration counts from where it stands.
    file: (path: string) => readText(resolve(file === null ? cwd : dirname(resolve(cwd, file)), path)),
  }
  if (file === null) return readConfig('', surroundings)
  const path = resolve(cwd, file)
  try {
    return readConfig(await readFile(path, 'utf8'), surroundings)
  } catch (cause) {
    throw new AppError(
      'INPUT_NOT_FOUND',
      `expected a configuration at ${path}: ${(cause as Error).message}`,
      {
        hint: 'without --config, everything has a default',
        cause,
      },
    )
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return null
  }
}

/** The same, for who cannot go on without. Throws `CONFIG_INVALID` with every problem and its line. */
export async function requireConfig(place: ConfigPlace): Promise<GoodConfig> {
  const read = await readConfigFile(place)
  if (read.ok) return read
  const file = place.file ?? 'firebreak.yaml'
  throw new AppError('CONFIG_INVALID', problemsInWords(file, read.problems), {
    hint: `firebreak config check ${file} says it again; docs/configuration.md lists every key`,
  })
}

export function problemsInWords(file: string, problems: readonly ConfigProblem[]): string {
  return problems.map((problem) => problemInWords(file, problem)).join('\n')
}

const SETTLE_MS = 200

/** Calls when the file changes, also when an editor or a deployment puts a new one in its place. */
export function watchConfigFile(
  path: string,
  { onChange, signal }: { readonly onChange: () => void; readonly signal: AbortSignal },
): void {
  let settling: NodeJS.Timeout | undefined
  signal.addEventListener('abort', () => clearTimeout(settling), { once: true })
  const name = basename(path)
  const watcher = watch(dirname(path), { signal, persistent: false }, (_event, changed) => {
    // Kubernetes swaps a link called ..data: then the name that changed is not ours.
    if (changed !== null && changed !== name && !changed.startsWith('..')) return
    clearTimeout(settling)
    settling = setTimeout(onChange, SETTLE_MS)
  })
  watcher.on('error', () => {}) // a folder that goes away; SIGHUP still works
}
