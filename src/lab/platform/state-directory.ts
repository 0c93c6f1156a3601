import { chmod, mkdir, rm, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'

/** Everything that the lab keeps: it writes nowhere else. */
export type StateDirectory = {
  readonly root: string
  /** Ports, process ids and what a responder may use; 0600. */
  readonly labFile: string
  readonly lockFile: string
  readonly postgres: string
  /** A copy of PostgreSQL's programs, where its account cannot reach the installed ones. */
  readonly postgresPrograms: string
  readonly repository: string
  readonly worktrees: string
  readonly logs: string
  readonly certificates: string
  /** One folder for each instance, for its own files. */
  readonly instances: string
  readonly flagsFile: string
  /** The operator's own: 0700. */
  readonly operator: string
  readonly operatorFile: string
  /** What the processes of the last lab are known by. */
  readonly markerFile: string
  readonly scratch: string
  /** Where a small volume is mounted, while there is one. */
  readonly volume: string
}

export function stateDirectoryAt(directory: string): StateDirectory {
  const root = resolve(directory)
  return {
    root,
    labFile: join(root, 'lab.json'),
    lockFile: join(root, 'supervisor.pid'),
    postgres: join(root, 'postgres'),
    postgresPrograms: join(root, 'postgres-programs'),
    repository: join(root, 'repository'),
    worktrees: join(root, 'worktrees'),
    logs: join(root, 'logs'),
    certificates: join(root, 'certificates'),
    instances: join(root, 'instances'),
    flagsFile: join(root, 'flags.json'),
    operator: join(root, 'operator'),
    operatorFile: join(root, 'operator', 'operator.json'),
    markerFile: join(root, 'operator', 'marker'),
    scratch: join(root, 'operator', 'scratch'),
    volume: join(root, 'volume'),
  }
}

/** `$XDG_DATA_HOME/firebreak/lab`; for root `/var/lib/firebreak/lab`, which PostgreSQL's account can reach. */
export function defaultStateRoot(env: Readonly<Record<string, string | undefined>>, isRoot: boolean): string {
  if (isRoot) return '/var/lib/firebreak/lab'
  const dataHome = env['XDG_DATA_HOME'] ?? join(env['HOME'] ?? '.', '.local', 'share')
  return join(dataHome, 'firebreak', 'lab')
}

const ROOM_BYTES = 1_000_000_000
const ROOM_AGAIN_BYTES = 300_000_000

/** Makes the folders; refuses with `NO_SPACE` before anything is half written. */
export async function prepareStateDirectory(
  directory: StateDirectory,
  options: { readonly isFirst: boolean },
): Promise<void> {
  try {
    makeFolder(directory.root, 0o755)
    const folders = [directory.worktrees, directory.logs, directory.certificates, directory.instances]
    for (const folder of folders) makeFolder(folder, 0o755)
    makeFolder(directory.operator, 0o700)
    await chmod(directory.operator, 0o700)
    await rm(directory.scratch, { recursive: true, force: true })
    await mkdir(directory.scratch)
  } catch (cause) {
    throw unwritable(directory.root, cause)
  }
  await refuseWithoutRoom(directory.root, options.isFirst ? ROOM_BYTES : ROOM_AGAIN_BYTES)
}

async function refuseWithoutRoom(root: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(root)
  const freeBytes = bavail * bsize
  if (freeBytes >= neededBytes) return
  const inMegabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  throw new AppError(
    'NO_SPACE',
    `the lab needs ${inMegabytes(neededBytes)} at ${root}, and ${inMegabytes(freeBytes)} are free`,
    { hint: 'free some room, or give --data DIR on another volume' },
  )
}

function unwritable(root: string, cause: unknown): AppError {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('NO_SPACE', `there is no room left for the lab at ${root}`, {
      hint: 'free some room, or give --data DIR on another volume',
      cause,
    })
  }
  return new AppError(
    'OUTPUT_UNWRITABLE',
    `expected a folder for the lab that can be written, found ${root}: ${message}`,
    { hint: 'give --data DIR', cause },
  )
}
