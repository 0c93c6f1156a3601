import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../contract/config.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Git } from '../git.ts'
import { watchedRepositories, type WatchedRepository } from './watched-repositories.ts'
import {
  startDatabaseSource,
  startHostFigures,
  startLogTail,
  startProbe,
  startWatchedRepository,
  type ProbeOptions,
  type Source,
  type SourceDeps,
  type SourceState,
} from '../telemetry/index.ts'

export type SourceView = {
  /** `probe`, `database`, `log`, `repository`, `host` */
  readonly source: string
  readonly name: string
  readonly state: SourceState
}

export type RunningSources = {
  /** Starts what is new, stops what is gone, and restarts only what changed. */
  readonly configure: (config: Config) => Promise<void>
  readonly states: () => readonly SourceView[]
  readonly stop: () => Promise<void>
}

export type SourcesDeps = {
  readonly source: SourceDeps
  readonly git: Git
  readonly directory: DataDirectory
  readonly hostName: string
  readonly cwd: string
  readonly note: (text: string) => void
}

/** A way in that the configuration asks for. */
type Wanted = {
  readonly kind: string
  readonly name: string
  readonly options: unknown
  readonly start: () => Source
}

export function createRunningSources(deps: SourcesDeps): RunningSources {
  const running = new Map<string, { readonly wanted: Wanted; readonly source: Source }>()

  function startOne(key: string, wanted: Wanted): void {
    try {
      running.set(key, { wanted, source: wanted.start() })
    } catch (cause) {
      // One wrong address must not keep the others from being watched.
      deps.note(`${wanted.kind} ${wanted.name} is not watched: ${(cause as Error).message}`)
    }
  }

  return {
    async configure(config) {
      const all = new Map(wantedSources(config, deps).map((one) => [`${one.kind} ${one.name}`, one]))
      const over = [...running].filter(
        ([key, { wanted }]) => !isDeepStrictEqual(all.get(key)?.options, wanted.options),
      )
      await Promise.all(over.map(([, { source }]) => source.stop()))
      for (const [key] of over) running.delete(key)
      for (const [key, wanted] of all) if (!running.has(key)) startOne(key, wanted)
    },
    states: () =>
      [...running.values()].map(({ wanted: { kind, name }, source }) => ({
        source: kind,
        name,
        state: source.state(),
      })),
    async stop() {
      await Promise.all([...running.values()].map(({ source }) => source.stop()))
      running.clear()
    },
  }
}

function wantedSources(config: Config, deps: SourcesDeps): readonly Wanted[] {
  const { sources } = config
  return [
    ...sources.probes.map((probe) => wantedProbe(probe, deps)),
    ...sources.databases.map((database) => wantedDatabase(database, deps)),
    ...sources.logs.map((log) => wantedTail(log, deps)),
    ...watchedRepositories(config, deps.cwd).map((repository) => wantedRepository(repository, deps)),
    ...(sources.host.enabled ? [wantedHost(sources.host, deps)] : []),
  ]
}

type Sources = Config['sources']

function wantedProbe(probe: Sources['probes'][number], { source }: SourcesDeps): Wanted {
  const { name, service, every, timeout } = probe
  const options: ProbeOptions = { name, service, everyMs: every, timeoutMs: timeout, check: checkOf(probe) }
  return { kind: 'probe', name, options, start: () => startProbe(source, options) }
}

function checkOf({ http, tcp, tls, dns }: Sources['probes'][number]): ProbeOptions['check'] {
  if (tcp) return { kind: 'tcp', ...tcp }
  if (tls) return defined({ kind: 'tls', ...tls })
  if (dns) return defined({ kind: 'dns', ...dns })
  if (!http) throw new Error('the schema lets no probe through that checks nothing')
  const { expect, ...request } = http
  if (!expect) return defined({ kind: 'http', ...request })
  const { status, maxLatency, ...rest } = expect
  const expected = defined({ ...rest, status: statusesOf(status), maxLatencyMs: maxLatency })
  return { ...defined({ kind: 'http', ...request }), expect: expected }
}

function statusesOf(status: number | number[] | undefined): readonly number[] | undefined {
  return typeof status === 'number' ? [status] : status
}

function wantedDatabase(database: Sources['databases'][number], { source }: SourcesDeps): Wanted {
  const { name, url, service, every, statementsEvery } = database
  const options = { name, url, service, everyMs: every, statementsEveryMs: statementsEvery }
  return { kind: 'database', name, options, start: () => startDatabaseSource(source, options) }
}

function wantedTail(log: Sources['logs'][number], { source, directory, cwd, hostName }: SourcesDeps): Wanted {
  const paths = [log.paths].flat().map((path) => resolve(cwd, path))
  const name = paths.join(', ')
  const options = {
    paths,
    service: log.service,
    timeZone: log.timeZone,
    fromStart: log.fromStart,
    requests: log.requests,
    hostName,
    stateFile: join(directory.tails, `${digest(name)}.json`),
  }
  return { kind: 'log', name, options, start: () => startLogTail(source, options) }
}

function wantedRepository(
  { path, ...repository }: WatchedRepository,
  { source, git, directory }: SourcesDeps,
): Wanted {
  const options = defined({
    path,
    service: repository.service,
    branch: repository.branch,
    everyMs: repository.every,
    stateFile: join(directory.repositories, `${digest(path)}.json`),
  })
  return {
    kind: 'repository',
    name: path,
    options,
    start: () => startWatchedRepository({ ...source, git }, options),
  }
}

function wantedHost(host: Sources['host'], { source, hostName }: SourcesDeps): Wanted {
  const options = {
    everyMs: host.every,
    hostName: host.name ?? hostName,
    processes: host.processes.map((process) => defined(process)),
  }
  return { kind: 'host', name: options.hostName, options, start: () => startHostFigures(source, options) }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

type Defined<Given> = { [Key in keyof Given]: Exclude<Given[Key], undefined> }

/** Without the keys that nobody set: to a source, `undefined` and "not there" are two things. */
function defined<Given extends object>(given: Given): Defined<Given> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Defined<Given>
}
