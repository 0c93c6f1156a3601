import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { OpenDoor, Service } from '../service/index.ts'
import { docsPage } from './docs-page.ts'
import type { Endpoint } from './endpoint.ts'
import { endpoints } from './endpoints/all.ts'
import { followEvents } from './events.ts'
import { refusalOf, type Knock } from './guard.ts'
import { metricsText } from './metrics.ts'
import { openApi } from './open-api.ts'
import { problemOf, sendProblem } from './problem.ts'
import { registerReportPage } from './report-page.ts'
import { hasOwnSecret, registerWebhooks } from './webhooks.ts'

/** OTLP and Prometheus remote write, which read their raw bodies themselves, and bound them. */
const TELEMETRY_PATHS = new Set(['/v1/logs', '/v1/traces', '/v1/metrics', '/api/v1/write'])
const BODY_LIMIT_BYTES = 1_000_000

/** Opens the API, its documentation, the ways in over HTTP, and what operators ask for. */
export const openDoor: OpenDoor = async (service, place) => {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
  })
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(knockOf(request, service), place)
    if (refusal !== null) return sendProblem(reply, refusal)
    if (!TELEMETRY_PATHS.has(pathOf(request))) return undefined
    reply.hijack()
    if (!(await service.receive(request.raw, reply.raw))) reply.raw.writeHead(404).end()
    return undefined
  })
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error)))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      status: 404,
      detail: `${request.method} ${pathOf(request)}: /docs lists what there is`,
    }),
  )
  for (const one of endpoints) registerEndpoint(app, service, one)
  registerOperations(app, service)
  registerReportPage(app, service)
  await registerWebhooks(app, service)
  const url = await listen(app, place)
  return {
    url,
    async close(graceMs) {
      const cutOff = setTimeout(() => app.server.closeAllConnections(), graceMs)
      await app.close()
      clearTimeout(cutOff)
    },
  }
}

async function listen(app: FastifyInstance, place: { host: string; port: number }): Promise<string> {
  try {
    await app.listen({ host: place.host, port: place.port })
  } catch (cause) {
    await app.close()
    throw notListening(place, cause)
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : place.port
  return `http://${place.host.includes(':') ? `[${place.host}]` : place.host}:${port}`
}

/** The next step depends on what is wrong: the port, or the address. */
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'give --port another; firebreak doctor says who has it',
  EACCES: 'give --port one of 1024 or more, or run as a user who may have this one',
  EADDRNOTAVAIL: 'give --host an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them',
  ENOTFOUND: 'give --host an address of this machine, or a name that it resolves to one',
  EAI_AGAIN: 'give --host an address of this machine; names cannot be resolved at the moment',
}

function notListening({ host, port }: { host: string; port: number }, cause: unknown): unknown {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const hint = HINTS[code]
  if (hint === undefined) return cause
  return new AppError('PORT_IN_USE', `expected to listen on ${host}:${port}: ${message}`, { hint, cause })
}

function knockOf({ method, headers, raw }: FastifyRequest, service: Service): Knock {
  const path = (raw.url ?? '/').split('?')[0] ?? '/'
  const fetchSite = headers['sec-fetch-site']
  return {
    method,
    path,
    host: headers.host,
    origin: headers.origin,
    fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined,
    authorization: headers.authorization,
    hasOwnSecret: hasOwnSecret(path, service),
  }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/'
}

function registerEndpoint(app: FastifyInstance, service: Service, { handle, ...one }: Endpoint): void {
  app.route({
    method: one.method,
    url: one.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => {
      const call = {
        path: request.params as Record<string, string>,
        query: request.query as Record<string, unknown>,
        body: request.body,
      }
      return reply.code(one.status).send(await handle(service, call))
    },
  })
}

/** What operators and machines ask for. */
function registerOperations(app: FastifyInstance, service: Service): void {
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const { isReady, isStopping } = service.state()
    const because = isStopping
      ? 'shutting down'
      : isReady
        ? 'ready'
        : 'the store takes nothing: its engine is away, its disk is full, or too much waits'
    return reply.code(isReady ? 200 : 503).send({ status: because })
  })
  app.get('/metrics', async (_request, reply) => {
    const { text, contentType } = await metricsText(service)
    return reply.type(contentType).send(text)
  })
  app.get('/openapi.json', async () => openApi(endpoints, service.version))
  app.get('/docs', async (_request, reply) => sendPage(reply, docsPage(endpoints, service.version)))
  app.get('/', async (_request, reply) => reply.redirect('/docs'))
  app.get('/api/v1/events', async (request, reply) => {
    reply.hijack()
    const said = request.headers['last-event-id']
    followEvents(service, { response: reply.raw, lastEventId: typeof said === 'string' ? said : null })
  })
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    .send(html)
}
