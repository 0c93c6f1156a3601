import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { databaseUrl } from './lab-database.ts'
import type { DatabaseParts } from './lab-database.ts'
import { writePrivately } from './lab-file.ts'
import { freePort } from './free-port.ts'
import { findPostgresPrograms } from './postgres-programs.ts'
import { clearStalePid, initialiseCluster, isInitialised, postgresSpec } from './postgres-server.ts'
import type { PostgresSite } from './postgres-server.ts'
import { prepareShopDatabase } from './shop-database.ts'
import type { Passwords } from './shop-database.ts'
import { unmountVolume } from './small-volume.ts'
import type { StateDirectory } from './state-directory.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { SupervisedProcess } from './supervised-process.ts'

export type DatabaseDeps = {
  readonly directory: StateDirectory
  readonly isRoot: boolean
  /** In the environment of what is started, so that the guard finds it. */
  readonly marks: Readonly<Record<string, string>>
  readonly supervise: (spec: ProcessSpec) => SupervisedProcess
  readonly onProgress: (text: string) => void
  /** The guard is told of every new server, so that it ends with us. */
  readonly onServer: (pid: number) => void
}

/** A running server, without the shop's database yet. */
export async function startDatabaseServer(deps: DatabaseDeps): Promise<DatabaseParts> {
  const { directory } = deps
  await unmountVolume(directory.volume) // of a lab that died with it
  const site: PostgresSite = {
    programs: await findPostgresPrograms(directory, deps.isRoot),
    data: directory.postgres,
    port: await freePort(),
    adminPassword: await adminPassword(join(directory.operator, 'postgres-password.json')),
  }
  if (!(await isInitialised(site.data))) {
    deps.onProgress('making a PostgreSQL cluster')
    await clearStalePid(site.data)
    await initialiseCluster(site, deps.marks)
  }
  await clearStalePid(site.data)
  const spec = postgresSpec(site)
  const server = deps.supervise({
    ...spec,
    onStart: (child) => {
      if (child.pid !== undefined) deps.onServer(child.pid)
    },
  })
  await server.start()
  const drawn = (): string => randomBytes(16).toString('hex')
  const passwords: Passwords = {
    lab: site.adminPassword,
    shop: drawn(),
    reporting: drawn(),
    monitor: drawn(),
  }
  const { port, programs } = site
  return { server, port, passwords, account: programs.account, volume: directory.volume }
}

/** The cluster knows it from the first time on. */
async function adminPassword(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text !== null) return (JSON.parse(text) as { password: string }).password
  const password = randomBytes(16).toString('hex')
  await writePrivately(file, { password })
  return password
}

/** The shop's database as new, from the scripts of a checked-out release. */
export async function fillShopDatabase(
  parts: DatabaseParts,
  release: string,
  onProgress: (text: string) => void,
): Promise<void> {
  const scripts = await Promise.all(
    ['schema.sql', 'seed.sql'].map((name) => readFile(join(release, 'db', name), 'utf8')),
  )
  await prepareShopDatabase((role, database) => databaseUrl(parts, role, database), parts.passwords, {
    scripts,
    onProgress,
  })
}

/** For a cluster that does not start or cannot be made as new: the next start makes another. */
export async function forgetCluster(directory: StateDirectory): Promise<void> {
  await rm(join(directory.postgres, 'initialised'), { force: true })
}
