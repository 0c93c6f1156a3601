import { constants } from 'node:fs'
import { access, mkdtemp, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { freemem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../contract/config.ts'
import {
  dataDirectoryAt,
  defaultDataRoot,
  prepareDataDirectory,
  type DataDirectory,
} from './data-directory.ts'
import { AppError } from '../errors.ts'
import { workTree } from '../repository.ts'
import type { Parts } from '../parts.ts'
import { portOwner } from './port-owner.ts'
import { readServeFile, type ServeFile } from './serve-file.ts'
import { problemsInWords, readConfigFile } from './service-config.ts'
import { openTelemetryStore } from '../store/index.ts'
import { checkDatabase } from '../telemetry/index.ts'
import { watchedRepositories } from './watched-repositories.ts'

export type Check = {
  readonly name: string
  readonly state: 'good' | 'warning' | 'wrong'
  readonly says: string
  /** What to do about it; '' where all is well. */
  readonly mend: string
}

export type CheckPlan = { readonly configFile: string | null; readonly data: string | null }

/** Looks at everything that `serve` needs on this machine. A check that fails itself is one that is wrong. */
export async function checkInstallation(parts: Parts, plan: CheckPlan): Promise<readonly Check[]> {
  const checks: Check[] = [nodeCheck(), clockCheck(parts)]
  const read = await readConfigFile({ file: plan.configFile, cwd: parts.cwd, env: parts.env }).catch(failed)
  if (read instanceof Error) return [...checks, wrong('configuration', read.message, 'check the path')]
  if (!read.ok) {
    const problems = problemsInWords(plan.configFile ?? '', read.problems)
    return [
      ...checks,
      wrong('configuration', problems, 'correct what is named; docs/configuration.md lists every key'),
    ]
  }
  checks.push(good('configuration', plan.configFile ?? 'all defaults'))
  const { config } = read
  const isRoot = process.getuid?.() === 0
  const directory = dataDirectoryAt(plan.data ?? config.data ?? defaultDataRoot(parts.env, isRoot))
  const running = await readServeFile(directory.serveFile)
  const folder = plan.configFile === null ? parts.cwd : dirname(resolve(parts.cwd, plan.configFile))
  const later = await Promise.all([
    guarded('data', () => dataCheck(directory)),
    guarded('memory', async () => memoryCheck(config)),
    guarded('server', () => serverCheck(running, parts)),
    ...portsOf(config).map((port) => guarded(port.name, () => portCheck(port, running))),
    ...config.sources.logs.flatMap(({ paths }) =>
      [paths].flat().map((path) => guarded(`log ${path}`, () => logCheck(resolve(folder, path)))),
    ),
    ...watchedRepositories(config, folder).map(({ path }) =>
      guarded(`repository ${path}`, () => repositoryCheck(parts, path)),
    ),
    ...config.sources.databases.map((database) =>
      guarded(`database ${database.name}`, () => databaseCheck(parts, database)),
    ),
  ])
  const engine = running === null ? [await guarded('engine', () => engineCheck(config, parts))] : []
  return [...checks, ...later, ...engine]
}

function good(name: string, says: string): Check {
  return { name, state: 'good', says, mend: '' }
}

function wrong(name: string, says: string, mend: string): Check {
  return { name, state: 'wrong', says, mend }
}

function failed(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

async function guarded(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return { ...(await check()), name }
  } catch (error) {
    const { message } = failed(error)
    return wrong(name, message, error instanceof AppError ? (error.hint ?? '') : '')
  }
}

const NEEDED_NODE = 24

function nodeCheck(): Check {
  const [major = '0'] = process.versions.node.split('.')
  if (Number(major) >= NEEDED_NODE) return good('node', `Node ${process.versions.node}`)
  return wrong('node', `Node ${process.versions.node}`, `install Node ${NEEDED_NODE}, or start bin/firebreak`)
}

const FIRST_POSSIBLE = Date.UTC(2026, 0, 1)

/** A machine that lost its clock stamps everything wrong, and senders' times seem to be of the future. */
function clockCheck({ now }: Parts): Check {
  const at = new Date(now()).toISOString()
  if (now() >= FIRST_POSSIBLE) return good('clock', at)
  return wrong('clock', `${at}, before Firebreak was made`, 'set the clock (NTP)')
}

const ROOM_BYTES = 1e9
const inWords = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`

async function dataCheck(directory: DataDirectory): Promise<Check> {
  prepareDataDirectory(directory)
  await access(directory.root, constants.W_OK)
  const { bavail, bsize } = await statfs(directory.root)
  const says = `${directory.root}, ${inWords(bavail * bsize)} free`
  if (bavail * bsize >= ROOM_BYTES) return good('data', says)
  return wrong('data', says, `free some room (${inWords(ROOM_BYTES)} at least), or give --data DIR`)
}

const OWN_BYTES = 500e6

function memoryCheck(config: Config): Check {
  const free = process.availableMemory()
  const needed = config.engine.memory + OWN_BYTES
  const says = `${inWords(free)} available (${inWords(freemem())} free), ${inWords(needed)} may be taken`
  if (free >= needed) return good('memory', says)
  return { name: 'memory', state: 'warning', says, mend: 'give engine.memory less, or the machine more' }
}

async function serverCheck(running: ServeFile | null, { now }: Parts): Promise<Check> {
  if (running === null) return good('server', 'none is running')
  const since = now()
  const response = await fetch(`${running.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
  const { status } = (await response.json()) as { status: string }
  if (response.ok) return good('server', `ready at ${running.url} (${now() - since} ms)`)
  return wrong(
    'server',
    `${running.url} is not ready: ${status}`,
    'firebreak serve says on standard error why',
  )
}

type Port = { readonly name: string; readonly host: string; readonly port: number }

function portsOf({ listen, sources: { otlp } }: Config): readonly Port[] {
  return [
    { name: 'port of the API', host: listen.host, port: listen.port },
    ...(otlp.http.enabled ? [{ name: 'port of OTLP/HTTP', ...otlp.http }] : []),
    ...(otlp.grpc.enabled ? [{ name: 'port of OTLP/gRPC', ...otlp.grpc }] : []),
  ]
}

async function portCheck({ name, host, port }: Port, running: ServeFile | null): Promise<Check> {
  const where = `${host}:${port}`
  const refusal = await whyNotListen(host, port)
  if (refusal === null) return good(name, `${where} is free`)
  const owner = portOwner(port)
  if (owner !== null && owner.pid === running?.pid) return good(name, `${where}, the running server`)
  const by = owner === null ? refusal : `taken by process ${owner.pid} (${owner.command})`
  return wrong(name, `${where}: ${by}`, 'end the other program, or configure another port')
}

function whyNotListen(host: string, port: number): Promise<string | null> {
  return new Promise((known) => {
    const server = createServer()
    server.once('error', ({ message }) => known(message))
    server.listen(port, host, () => server.close(() => known(null)))
  })
}

async function logCheck(path: string): Promise<Check> {
  const isPattern = /[*?[{]/.test(path)
  await access(isPattern ? dirname(path.slice(0, path.search(/[*?[{]/) + 1)) : path, constants.R_OK)
  return good(path, isPattern ? 'its folder can be read' : 'can be read')
}

async function repositoryCheck({ git }: Parts, path: string): Promise<Check> {
  const root = await workTree(git, path)
  if (root !== null) return good(path, root)
  return wrong(path, 'is no git work tree', 'name the root of the application’s work tree')
}

async function databaseCheck(
  { now }: Parts,
  { name, url }: Config['sources']['databases'][number],
): Promise<Check> {
  const { version, notes } = await checkDatabase({ now, signal: AbortSignal.timeout(10_000) }, url)
  if (notes.length === 0) return good(name, version ?? 'answers')
  const says = [version ?? 'answers', ...notes].join('; ')
  return { name, state: 'warning', says, mend: 'docs/databases.md has the grants' }
}

/** Starts the engine on an empty folder beside the data, where it will have to run. */
async function engineCheck(config: Config, { now, env }: Parts): Promise<Check> {
  const url = config.engine.url ?? env['FIREBREAK_CLICKHOUSE_URL']
  const since = now()
  if (url) {
    const store = await openTelemetryStore({ url, now })
    await store.close()
    return good('engine', `the server at ${URL.parse(url)?.host ?? 'the URL'} answers (${now() - since} ms)`)
  }
  const scratch = await mkdtemp(join(env['TMPDIR'] ?? '/tmp', 'firebreak-doctor-'))
  try {
    const store = await openTelemetryStore({ directory: scratch, memoryBytes: config.engine.memory, now })
    await store.close()
    return good('engine', `starts and stops in ${((now() - since) / 1000).toFixed(1)} s`)
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 })
  }
}
