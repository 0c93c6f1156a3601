import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { access, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { PostgresPrograms } from './postgres-programs.ts'
import { withClient } from './postgres-client.ts'
import type { ProcessSpec } from './process-spec.ts'

export type PostgresSite = {
  readonly programs: PostgresPrograms
  readonly data: string
  readonly port: number
  readonly adminPassword: string
}

export const MAX_CONNECTIONS = 100

/** The application alone can take 96 of 100; one is kept for who watches, three for who repairs. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: String(MAX_CONNECTIONS),
  superuser_reserved_connections: '3',
  reserved_connections: '1',
  shared_preload_libraries: 'pg_stat_statements',
  shared_buffers: '128MB',
  max_parallel_workers_per_gather: '0', // a slow query takes one core, not the machine
  jit: 'off',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  track_io_timing: 'on',
  log_line_prefix: '%m [%p] %q%u@%d ',
  log_timezone: 'UTC',
  timezone: 'UTC',
  log_min_duration_statement: '500ms',
  log_lock_waits: 'on',
  log_temp_files: '0',
  lc_messages: 'C',
}

/** How the server is run: SIGINT ends sessions and stops; SIGQUIT stops at once, and the next start recovers. */
export function postgresSpec(site: PostgresSite): ProcessSpec {
  const { programs, data, port } = site
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return {
    name: 'postgres',
    launch: () => ({
      program: programs.postgres,
      args: ['-D', data, '-p', String(port), ...settings],
      cwd: data,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      account: programs.account,
    }),
    isReady: () => isAnswering(site),
    readyWithinMs: 20_000,
    stopSignals: [
      ['SIGINT', 2_500],
      ['SIGQUIT', 1_000],
    ],
  }
}

async function isAnswering({ port, adminPassword }: PostgresSite): Promise<boolean> {
  const url = `postgresql://lab:${adminPassword}@127.0.0.1:${port}/postgres`
  return withClient(url, async (client) => (await client.query('SELECT 1')).rowCount === 1)
}

/** True where the directory holds a whole cluster. */
export async function isInitialised(data: string): Promise<boolean> {
  return access(join(data, 'initialised')).then(
    () => true,
    () => false,
  )
}

/** A new cluster; what was there before goes. Tells what `initdb` said where it fails. */
export async function initialiseCluster(
  site: PostgresSite,
  marks: Readonly<Record<string, string>>,
): Promise<void> {
  const { programs, data, adminPassword } = site
  const { account } = programs
  await rm(data, { recursive: true, force: true })
  await mkdir(data, { mode: 0o700 })
  const passwordFile = join(data, '..', `.initdb-${process.pid}`)
  await writeFile(passwordFile, `${adminPassword}\n`, { mode: 0o600 })
  if (account !== null) {
    await chown(data, account.uid, account.gid)
    await chown(passwordFile, account.uid, account.gid)
  }
  try {
    await run(programs, marks, [
      `--pgdata=${data}`,
      '--username=lab',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ])
  } finally {
    await rm(passwordFile, { force: true })
  }
  await writeFile(join(data, 'initialised'), '')
}

async function run(
  { initdb, account }: PostgresPrograms,
  marks: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<void> {
  const child = spawn(initdb, args, {
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', ...marks },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const [code] = await once(child, 'close')
  if (code === 0) return
  const words = said.trim().split('\n').slice(-6).join('\n')
  const isFull = /No space left/.test(said)
  throw new AppError(isFull ? 'NO_SPACE' : 'LAB_FAILED', `initdb ended with ${String(code)}:\n${words}`)
}

/**
 * A server that was killed leaves `postmaster.pid`, and PostgreSQL then refuses to start when the number belongs to
 * any living process, or to a zombie that nobody collects. A living server of this very directory is ended: its
 * supervisor is gone, for we hold the lock.
 */
export async function clearStalePid(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return
  const pid = Number(text.split('\n')[0])
  for (const [signal, rounds] of LAST_WORDS) {
    for (let round = 0; round < rounds && isServerOf(pid, data); round += 1) {
      if (round === 0 && signal !== null) process.kill(pid, signal)
      await pause(50)
    }
  }
  await rm(file, { force: true })
}

/** First the guard of the lab that died gets its time. */
const LAST_WORDS: readonly (readonly [NodeJS.Signals | null, rounds: number])[] = [
  [null, 40],
  ['SIGQUIT', 60],
  ['SIGKILL', 60],
]

function isServerOf(pid: number, data: string): boolean {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0)
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.includes(data) // empty for a zombie
  } catch {
    return false
  }
}
