import type { LogRecord, MetricPoint, Resource, Span } from '../src/telemetry/index.ts'

// Telemetry of a small shop, made up: what the store's benchmarks append.

const ROUTES = ['/products', '/products/:id', '/cart', '/checkout', '/orders/:id', '/search', '/login', '/']
const SCOPE = {
  name: '@opentelemetry/instrumentation-http',
  version: '0.301.0',
  attributes: new Map<string, string>(),
}

const RESOURCES: readonly Resource[] = Array.from({ length: 4 }, (_, index) => {
  const serviceName = index === 3 ? 'payment' : 'shop'
  const serviceInstance = `${serviceName}-${index}`
  const attributes = new Map([
    ['service.name', serviceName],
    ['service.instance.id', serviceInstance],
    ['service.version', '1.4.2'],
    ['host.name', 'host-1'],
    ['deployment.environment.name', 'production'],
    ['telemetry.sdk.language', 'nodejs'],
    ['telemetry.sdk.version', '3.1.1'],
  ])
  return { serviceName, serviceInstance, serviceVersion: '1.4.2', attributes }
})

/** Ids that do not compress, and the same every time. */
function hexadecimal(seed: number, digits: number): string {
  let text = ''
  for (let part = 0; text.length < digits; part++) {
    const mixed = Math.imul((seed + part * 0x9e3779b9) ^ 0x5bd1e995, 0x85ebca6b)
    text += ((mixed ^ (mixed >>> 13)) >>> 0).toString(16).padStart(8, '0')
  }
  return text.slice(0, digits)
}

const resourceOf = (index: number): Resource => RESOURCES[index % 4] ?? (RESOURCES[0] as Resource)
const routeOf = (index: number): string => ROUTES[index % ROUTES.length] ?? '/'

/** A line of one request. */
export function makeLog(index: number, at: number): LogRecord {
  const route = routeOf(index)
  const isError = index % 200 === 0
  return {
    resource: resourceOf(index),
    scope: SCOPE,
    timestamp: at,
    observedTimestamp: at,
    severityNumber: isError ? 17 : 9,
    severityText: isError ? 'ERROR' : 'INFO',
    body: `${isError ? 'could not handle' : 'handled'} request ${index} for GET ${route} in ${(index * 7) % 300} ms`,
    attributes: new Map([
      ['http.request.method', 'GET'],
      ['http.route', route],
      ['http.response.status_code', isError ? '500' : '200'],
      ['user.id', `user-${index % 5000}`],
    ]),
    traceId: hexadecimal(Math.floor(index / 3), 32),
    spanId: hexadecimal(index, 16),
    traceFlags: 1,
    eventName: '',
  }
}

/** Three spans make a trace: the server's, a query and a call. */
export function makeSpan(index: number, at: number): Span {
  const route = routeOf(Math.floor(index / 3))
  const isServer = index % 3 === 0
  const isError = index % 600 === 0
  return {
    resource: resourceOf(index),
    scope: SCOPE,
    traceId: hexadecimal(Math.floor(index / 3), 32),
    spanId: hexadecimal(index, 16),
    parentSpanId: isServer ? '' : hexadecimal(index - (index % 3), 16),
    traceState: '',
    name: isServer ? `GET ${route}` : index % 3 === 1 ? 'pg.query:SELECT shop' : 'POST',
    kind: isServer ? 'server' : 'client',
    startedAt: at,
    durationNs: 1_000_000 + ((index * 7_919) % 50_000_000),
    status: isError ? 'error' : 'unset',
    statusMessage: '',
    attributes: new Map([
      ['http.request.method', 'GET'],
      ['http.route', route],
      ['http.response.status_code', isError ? '500' : '200'],
      ['url.path', route],
      ['server.address', '127.0.0.1'],
      ['network.peer.address', '127.0.0.1'],
    ]),
    events: [],
    links: [],
  }
}

const METRICS = Array.from({ length: 40 }, (_, index) => ({
  resource: resourceOf(index),
  scope: SCOPE,
  name: `process.figure.${Math.floor(index / 4)}`,
  description: 'A figure of the process',
  unit: 'By',
}))

export function makePoint(index: number, at: number): MetricPoint {
  const metric = METRICS[index % METRICS.length] ?? METRICS[0]
  if (metric === undefined) throw new Error('there are no metrics')
  const attributes = new Map([['state', `state-${index % 5}`]])
  return { kind: 'gauge', metric, attributes, startedAt: at, at, flags: 0, value: (index * 31) % 1000 }
}
