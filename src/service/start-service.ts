import type { Config } from '../contract/config.ts'
import { buildService } from './build-service.ts'
import {
  dataDirectoryAt,
  defaultDataRoot,
  prepareDataDirectory,
  type DataDirectory,
} from './data-directory.ts'
import { AppError } from '../errors.ts'
import { isLoopback } from '../loopback.ts'
import type { Parts } from '../parts.ts'
import { refuseSecondServer } from './serve-file.ts'
import { requireConfig, type ConfigPlace, type GoodConfig } from './service-config.ts'
import type { OpenDoor } from './service.ts'

export type ServePlan = {
  readonly configFile: string | null
  /** What the command line says counts for more than the file. */
  readonly host: string | null
  readonly port: number | null
  readonly data: string | null
  readonly token: string | null
}

export type ServeDoing = {
  readonly note: (text: string) => void
  readonly openDoor: OpenDoor
  /** Calls for SIGHUP. */
  readonly onHangUp: (handle: () => void) => void
}

export type RunningService = {
  readonly url: string
  readonly token: string | null
  /** `OTLP/gRPC 127.0.0.1:4317`, … */
  readonly listening: readonly string[]
  readonly dataRoot: string
  /** Ends all of it within ten seconds: what was taken is stored first. */
  readonly stop: () => Promise<void>
}

/**
 * Opens everything that `serve` is, in the order in which it needs each other, and closes it in the reverse.
 *
 *     store ─► detection ─► intake ─► receivers, door ─► own sources
 *
 * Throws what the person who started it can mend: `CONFIG_INVALID`, `PORT_IN_USE`, `SERVE_ALREADY_UP`, `STORE_LOCKED`, …
 */
export async function startService(
  parts: Parts,
  plan: ServePlan,
  doing: ServeDoing,
): Promise<RunningService> {
  const place: ConfigPlace = { file: plan.configFile, cwd: parts.cwd, env: parts.env }
  refuseShortToken(plan.token)
  const override = overriding(plan)
  const given = await requireConfig(place)
  const first: GoodConfig = { ...given, config: override(given.config) }
  refuseOpenWithoutToken(first.config)
  const directory = await openDirectory(parts, first.config)

  await using stack = new AsyncDisposableStack()
  const built = await buildService({ parts, doing, place, override, directory, stack }, first)
  const closing = stack.move()
  let stopping: Promise<void> | null = null
  return {
    url: built.url,
    token: first.config.listen.token,
    listening: built.listening,
    dataRoot: directory.root,
    stop: () => (stopping ??= stopAll(built.drain, closing, doing.note)),
  }
}

function overriding(plan: ServePlan): (config: Config) => Config {
  return (config) => ({
    ...config,
    data: plan.data ?? config.data,
    listen: {
      ...config.listen,
      host: plan.host ?? config.listen.host,
      port: plan.port ?? config.listen.port,
      token: plan.token ?? config.listen.token,
    },
  })
}

const SHORTEST_TOKEN = 16

function refuseShortToken(token: string | null): void {
  if (token === null || token.length >= SHORTEST_TOKEN) return
  throw new AppError(
    'USAGE',
    `--token: expected ${SHORTEST_TOKEN} characters or more, found ${token.length}`,
    {
      hint: 'openssl rand -hex 16 makes one',
    },
  )
}

/** Whoever reaches the API reads all telemetry: on an address that others reach, only with a token. */
function refuseOpenWithoutToken({ listen, sources: { otlp } }: Config): void {
  if (listen.token !== null) return
  const ports = [otlp.http, otlp.grpc].filter(({ enabled }) => enabled)
  const open = [listen, ...ports].map(({ host }) => host).find((host) => !isLoopback(host))
  if (open === undefined) return
  throw new AppError(
    'USAGE',
    `expected a token for listening on ${open}, which other machines reach; found none`,
    {
      hint: 'give --token, or listen.token in the configuration (16 characters or more)',
    },
  )
}

async function openDirectory(parts: Parts, config: Config): Promise<DataDirectory> {
  const isRoot = process.getuid?.() === 0
  const directory = dataDirectoryAt(config.data ?? defaultDataRoot(parts.env, isRoot))
  prepareDataDirectory(directory)
  await refuseSecondServer(directory.serveFile, process.pid)
  return directory
}

const STOP_WITHIN_MS = 9_500

async function stopAll(
  drain: () => Promise<void>,
  closing: AsyncDisposableStack,
  note: (text: string) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), STOP_WITHIN_MS)
  })
  const done = drain().then(() => closing.disposeAsync())
  if ((await Promise.race([done, late])) === 'late') note('not everything could be closed in time')
  clearTimeout(timer)
}
