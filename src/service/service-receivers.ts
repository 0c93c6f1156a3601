import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { apiTakesOtlp } from '../contract/config.ts'
import type { GoodConfig } from './service-config.ts'
import { AppError } from '../errors.ts'
import {
  createAdmission,
  createOtlpGrpc,
  createOtlpHttp,
  createRemoteWrite,
  createSourceCounters,
  type Intake,
  type SourceCounters,
  type TelemetryLimits,
} from '../telemetry/index.ts'
import { isLoopback } from '../loopback.ts'
import { saysToken } from '../says-token.ts'
import type { EpochMs } from '../time.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** What takes telemetry over the wire. */
export type Receivers = {
  /** OTLP over HTTP and remote write, for any server: false where the path is none of theirs. */
  readonly handle: Handle
  readonly counters: SourceCounters
  readonly inFlightBytes: () => number
  /** `OTLP/gRPC 127.0.0.1:4317`, … */
  readonly listening: readonly string[]
  readonly close: () => Promise<void>
}

export type ReceiverDeps = {
  readonly intake: Intake
  readonly now: () => EpochMs
  readonly note: (text: string) => void
  /** As it is in force when a request comes: what is older is refused. */
  readonly retention: () => Retention
}

type Retention = GoodConfig['config']['retention']

type Ports = GoodConfig['config']['sources']['otlp']

/** Opens OpenTelemetry's own ports. Throws `PORT_IN_USE` for one that the configuration names and somebody has. */
export async function openReceivers(deps: ReceiverDeps, given: GoodConfig): Promise<Receivers> {
  const { config } = given
  const { otlp, remoteWrite } = config.sources
  const counters = createSourceCounters()
  const admission = createAdmission({ maxBytes: otlp.inFlight })
  const limits = {
    maxBodyBytes: otlp.maximumBody,
    maxAgeMs: agesOf(deps.retention),
  }
  const shared = { intake: deps.intake, now: deps.now, admission, counters, limits, log: deps.note }
  const overHttp = createOtlpHttp(shared)
  const written = remoteWrite.enabled ? createRemoteWrite(shared) : null
  const handle: Handle = async (request, response) =>
    (await overHttp.handle(request, response)) || ((await written?.handle(request, response)) ?? false)

  const closers: (() => Promise<void>)[] = []
  const listening: string[] = []
  const tryPort = (kind: 'http' | 'grpc', open: () => Promise<number>): Promise<void> =>
    openPort({ kind, otlp, isGiven: given.isGiven('sources', 'otlp', kind, 'port'), open }, (text, port) => {
      if (port === null) deps.note(text)
      else listening.push(text)
    })
  try {
    if (otlp.http.enabled && !apiTakesOtlp(config)) {
      await tryPort('http', async () => {
        // Loopback is ours; who comes from elsewhere says the same token as at the API.
        const token = isLoopback(otlp.http.host) ? null : config.listen.token
        const server = createServer((request, response) => void answer({ handle, token }, request, response))
        const port = await listen(server, otlp.http)
        closers.push(() => closed(server))
        return port
      })
    }
    if (otlp.grpc.enabled) {
      await tryPort('grpc', async () => {
        const token = isLoopback(otlp.grpc.host) ? null : config.listen.token
        const server = createOtlpGrpc(shared, (said) => token === null || saysToken(said, token))
        const port = await server.listen(otlp.grpc.host, otlp.grpc.port)
        closers.push(() => server.close(GRACE_MS))
        return port
      })
    }
  } catch (cause) {
    await Promise.all(closers.map((close) => close()))
    throw cause
  }
  return {
    handle,
    counters,
    inFlightBytes: () => admission.inFlight(),
    listening,
    close: async () => void (await Promise.all(closers.map((close) => close()))),
  }
}

/** Asked each time: a configuration that is read again may keep things for longer, or shorter. */
function agesOf(retention: () => Retention): TelemetryLimits['maxAgeMs'] {
  return {
    get logs() {
      return retention().logs
    },
    get spans() {
      return retention().traces
    },
    get metrics() {
      return retention().metrics
    },
  }
}

const GRACE_MS = 2_000

type Answering = { readonly handle: Handle; readonly token: string | null }

async function answer(
  { handle, token }: Answering,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (token !== null && !saysToken(request.headers.authorization, token)) {
    response.writeHead(401, {
      'content-type': 'text/plain',
      'www-authenticate': 'Bearer',
      connection: 'close',
    })
    response.end('expected Authorization: Bearer and the token of the configuration\n')
    return
  }
  if (await handle(request, response)) return
  response.writeHead(404, { 'content-type': 'text/plain' })
  response.end('this port takes OTLP: POST /v1/logs, /v1/traces or /v1/metrics\n')
}

type Opening = {
  readonly kind: 'http' | 'grpc'
  readonly otlp: Ports
  readonly isGiven: boolean
  readonly open: () => Promise<number>
}

/** A default port that is taken is no reason not to start: the API's own port takes OTLP over HTTP, too. */
async function openPort(
  { kind, otlp, isGiven, open }: Opening,
  tell: (text: string, port: number | null) => void,
): Promise<void> {
  const name = kind === 'http' ? 'OTLP/HTTP' : 'OTLP/gRPC'
  const { host, port } = otlp[kind]
  try {
    const taken = await open()
    tell(`${name} ${host}:${taken}`, taken)
  } catch (cause) {
    const because = (cause as Error).message
    if (isGiven) {
      throw new AppError('PORT_IN_USE', `expected to listen on ${host}:${port} for ${name}: ${because}`, {
        hint: `give sources.otlp.${kind}.port another, or switch it off with enabled: false`,
        cause,
      })
    }
    tell(`warning: no ${name} on ${host}:${port}: ${because}`, null)
  }
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await ended
  clearTimeout(cutOff)
}
