import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { startGuard } from '../../process-guard.ts'
import type { ProcessGuard } from '../../process-guard.ts'
import { endTree, MARKER_VARIABLE } from '../../process-tree.ts'
import { createBalancerLink } from './balancer-link.ts'
import { fillShopDatabase, forgetCluster, startDatabaseServer } from './build-database.ts'
import { buildRepository } from './build-repository.ts'
import { isInitialised } from './postgres-server.ts'
import { buildSystem } from './build-system.ts'
import type { LabParts } from './start-shop.ts'
import { refuseTakenPort } from './free-port.ts'
import { releaseLock, takeLock, writePrivately } from './lab-file.ts'
import type { LabFile, OperatorFile } from './lab-file.ts'
import { controlPort, operatorPort, reachedAt } from './lab-plan.ts'
import type { LabPlan, LabSurroundings } from './lab-plan.ts'
import type { CreateFaultDesk } from './lab-system.ts'
import { serveLab } from './lab-servers.ts'
import { rotateLogs } from './log-rotation.ts'
import { createProcessRegistry } from './process-registry.ts'
import type { ProcessRegistry } from './process-registry.ts'
import { unmountVolume } from './small-volume.ts'
import { prepareStateDirectory, stateDirectoryAt } from './state-directory.ts'
import type { StateDirectory } from './state-directory.ts'

export type RunningLab = {
  readonly file: LabFile
  /** Ends every process of the lab; resolves when all are gone. */
  down(): Promise<void>
}

export type SupervisorOptions = {
  readonly plan: LabPlan
  readonly surroundings: LabSurroundings
  readonly createFaultDesk: CreateFaultDesk
  /** Somebody asked over the API for the lab to end. */
  readonly onDown: () => void
}

const ROTATE_EVERY_MS = 30_000

/**
 * Brings the lab up: every part as a process of its own, in an order in which each finds what it needs. What fails
 * takes down again what had been started.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<RunningLab> {
  const { plan, surroundings } = options
  const directory = stateDirectoryAt(plan.directory)
  const isFirst = !(await isInitialised(directory.postgres))
  await prepareStateDirectory(directory, { isFirst })
  await takeLock(directory, surroundings.pid)
  await endLeftovers(directory)
  const marker = `${surroundings.pid}-${surroundings.now()}`
  await writePrivately(directory.markerFile, marker)
  const registry = createProcessRegistry({
    now: surroundings.now,
    logs: directory.logs,
    marks: { [MARKER_VARIABLE]: marker },
  })
  const ending = new AbortController()
  const guard = startGuard()
  guard.endWithUs({ marker, root: null })
  const closers: (() => Promise<void>)[] = []
  let isDown: Promise<void> | null = null
  const down = (): Promise<void> =>
    (isDown ??= takeDown({ directory, registry, guard, closers, ending, marker }))
  try {
    await refuseTakenPort(plan.host, plan.port)
    for (const port of [controlPort(plan), operatorPort(plan)]) await refuseTakenPort(plan.apiHost, port)
    const parts = await startParts({ options, directory, registry, guard, marker, signal: ending.signal })
    const system = await buildSystem(parts)
    closers.push(() => system.close())
    const faults = options.createFaultDesk({
      system: system.lab,
      git: surroundings.git,
      drawSeed: surroundings.drawSeed,
      operatorDirectory: directory.operator,
    })
    const tokens = { control: randomBytes(24).toString('hex'), operator: randomBytes(24).toString('hex') }
    const servers = await serveLab({ plan, surroundings, system, faults, tokens, onDown: options.onDown })
    closers.unshift(() => servers.close())
    const rotation = setInterval(() => void rotateLogs(directory.logs).catch(() => {}), ROTATE_EVERY_MS)
    closers.push(async () => clearInterval(rotation))
    const file = labFile(options, parts, tokens.control)
    await writePrivately(directory.operatorFile, {
      url: `http://${reachedAt(plan.apiHost)}:${operatorPort(plan)}`,
      token: tokens.operator,
    } satisfies OperatorFile)
    await writePrivately(directory.labFile, file)
    return { file, down }
  } catch (error) {
    await down()
    throw error
  }
}

type Starting = {
  readonly options: SupervisorOptions
  readonly directory: StateDirectory
  readonly registry: ProcessRegistry
  readonly guard: ProcessGuard
  readonly marker: string
  readonly signal: AbortSignal
}

/** PostgreSQL starts while the repository is made; the database is filled from a checked-out release. */
async function startParts(starting: Starting): Promise<LabParts> {
  const { options, directory, registry, guard, marker, signal } = starting
  const { plan, surroundings } = options
  await rm(directory.logs, { recursive: true, force: true })
  await prepareStateDirectory(directory, { isFirst: false })
  const [releases, database] = await Promise.all([
    buildRepository(surroundings, directory, plan),
    startDatabaseServer({
      directory,
      isRoot: surroundings.isRoot,
      marks: { [MARKER_VARIABLE]: marker },
      supervise: (spec) => registry.supervise(spec),
      onProgress: surroundings.onProgress,
      onServer: (pid) => guard.endWithUs({ marker, root: pid }),
    }),
  ])
  surroundings.onProgress('PostgreSQL is up')
  const release = releases.worktrees.folderOf(releases.current)
  await fillShopDatabase(database, release, surroundings.onProgress).catch(async (error: unknown) => {
    await forgetCluster(directory) // whatever was wrong with it, the next start makes a new one
    throw error
  })
  const balancer = createBalancerLink(surroundings.now)
  return { plan, surroundings, directory, registry, releases, database, balancer, signal }
}

function labFile({ plan, surroundings }: SupervisorOptions, parts: LabParts, controlToken: string): LabFile {
  const { directory, database } = parts
  return {
    schema: 1,
    pid: surroundings.pid,
    startedAt: surroundings.now(),
    shopUrl: `http://${reachedAt(plan.host)}:${plan.port}`,
    controlUrl: `http://${reachedAt(plan.apiHost)}:${controlPort(plan)}`,
    controlToken,
    databaseUrl: `postgresql://monitor:${database.passwords.monitor}@127.0.0.1:${database.port}/shop`,
    repository: directory.repository,
    logs: directory.logs,
  }
}

/** A lab that died together with its guard leaves processes behind; they are known by their mark. */
async function endLeftovers({ markerFile }: StateDirectory): Promise<void> {
  const text = await readFile(markerFile, 'utf8').catch(() => null)
  if (text !== null) await endTree({ marker: String(JSON.parse(text)), root: null }, 500)
}

type Ending = {
  readonly directory: StateDirectory
  readonly registry: ProcessRegistry
  readonly guard: ProcessGuard
  readonly closers: readonly (() => Promise<void>)[]
  readonly ending: AbortController
  readonly marker: string
}

/** Users first, then what serves them, the database last: so that nobody logs errors about the end. */
async function takeDown({ directory, registry, guard, closers, ending, marker }: Ending): Promise<void> {
  ending.abort(new Error('the lab is going down'))
  for (const close of closers) await close().catch(() => {}) // what does not end well is ended below
  const ofName = (pattern: RegExp) => registry.all().filter(({ name }) => pattern.test(name))
  const stopAll = (pattern: RegExp) => Promise.all(ofName(pattern).map((one) => one.stop()))
  await stopAll(/^shoppers$/)
  await Promise.all([stopAll(/^balancer$/), stopAll(/^app-/)])
  await Promise.all([stopAll(/^(payment|mail|wire-.*)$/), stopAll(/^postgres$/)])
  await endTree({ marker, root: null }, 500) // what our processes had started and left
  await guard.release()
  await unmountVolume(directory.volume)
  await rm(directory.markerFile, { force: true })
  await releaseLock(directory)
}
