// The OpenTelemetry SDK itself; loaded by ../telemetry.js only where an endpoint is configured.
import { ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { hostname } from 'node:os'
import { createInstruments } from './instruments.js'
import { querySummary } from './query-summary.js'

/** Room for more than the default, so that a rush loses nothing. */
const BATCH = {
  maxQueueSize: 16_384,
  exportTimeoutMillis: 5_000,
}
const LONGEST_VALUE = 4_096
const SHUTDOWN_MS = 1_000
/** A connection that was waited for so long is worth a span of its own. */
const NOTEWORTHY_WAIT_MS = 10

/** The endpoint itself is read by the exporters, as the OpenTelemetry specification has it. */
export function createSdk(env) {
  const resource = resourceFromAttributes(resourceOf(env))
  // The standard variables with their standard defaults:
  // https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
  const spanDelayMs = Number(env.OTEL_BSP_SCHEDULE_DELAY ?? 5_000)
  const logDelayMs = Number(env.OTEL_BLRP_SCHEDULE_DELAY ?? 1_000)
  const intervalMs = Number(env.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000)
  const tracers = new TracerProvider({
    resource,
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: spanDelayMs,
        ...BATCH,
      }),
    ],
  })
  const loggers = new LoggerProvider({
    resource,
    logRecordLimits: { attributeValueLengthLimit: 4 * LONGEST_VALUE },
    processors: [
      new BatchLogRecordProcessor({
        exporter: new OTLPLogExporter(),
        scheduledDelayMillis: logDelayMs,
        ...BATCH,
      }),
    ],
  })
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(),
        exportIntervalMillis: intervalMs,
        exportTimeoutMillis: Math.min(intervalMs, 4_000), // the reader refuses one that is longer
      }),
    ],
  })
  const tracer = tracers.getTracer('shop')
  const instruments = createInstruments(meters.getMeter('shop'))
  const logger = loggers.getLogger('shop')

  return {
    startServerSpan: (request) => startServerSpan({ tracer, instruments }, request),
    startClientSpan: (request, parent) => startClientSpan({ tracer, instruments }, request, parent),
    startQuerySpan: (text, parent) => startQuerySpan({ tracer, instruments }, text, parent),
    startPoolWait: (pool, parent) => startPoolWait({ tracer, instruments }, pool, parent),
    observePool: (pool) => instruments.observePool(pool),
    recordLog: (record, parent) => logger.emit(toLogRecord(record, parent)),
    async shutdown() {
      const late = new Promise((resolve) => setTimeout(resolve, SHUTDOWN_MS).unref())
      const all = [tracers, loggers, meters].map((provider) => provider.shutdown().catch(() => {}))
      await Promise.race([Promise.all(all), late])
    },
  }
}

function resourceOf(env) {
  const own = {
    'service.name': env.OTEL_SERVICE_NAME ?? 'shop',
    'service.version': env.SERVICE_VERSION ?? '0.0.0',
    'service.instance.id': env.INSTANCE ?? `${hostname()}-${process.pid}`,
    'host.name': hostname(),
    'process.pid': process.pid,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
  }
  const pairs = (env.OTEL_RESOURCE_ATTRIBUTES ?? '').split(',').filter((pair) => pair.includes('='))
  for (const pair of pairs) {
    const [key, ...value] = pair.split('=')
    own[key.trim()] = decodeURIComponent(value.join('=').trim())
  }
  return own
}

function startServerSpan({ tracer, instruments }, { method, url, headers }) {
  const startedMs = performance.now()
  const [path, query] = splitUrl(url)
  const attributes = { 'http.request.method': method, 'url.path': path, 'url.scheme': 'http' }
  if (query !== '') attributes['url.query'] = query
  const client = headers['x-forwarded-for']
  if (client !== undefined) attributes['client.address'] = client.split(',', 1)[0]
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parentOf(headers.traceparent))
  const { traceId } = span.spanContext()
  let route = null
  let failure = null
  instruments.serverRequestStarted()

  return {
    traceId,
    context: trace.setSpan(ROOT_CONTEXT, span),
    headers: { traceparent: traceparentOf(span) },
    setRoute(template) {
      if (!template) return
      route = template
      span.updateName(`${method} ${template}`).setAttribute('http.route', template)
    },
    setError(error) {
      failure = error
    },
    end(status) {
      const ended = { 'http.request.method': method }
      if (route !== null) ended['http.route'] = route
      if (status !== null) ended['http.response.status_code'] = status
      const errorType = errorTypeOf({ status, failure, failsFrom: 500 })
      if (errorType !== null) ended['error.type'] = errorType
      if (status !== null) span.setAttribute('http.response.status_code', status)
      if (errorType !== null) fail(span, errorType, failure)
      span.end()
      instruments.serverRequestEnded((performance.now() - startedMs) / 1000, ended)
    },
  }
}

function startClientSpan({ tracer, instruments }, { url, method }, parent) {
  const startedMs = performance.now()
  const attributes = {
    'http.request.method': method,
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  }
  const span = tracer.startSpan(
    `${method} ${url.pathname}`,
    { kind: SpanKind.CLIENT, attributes: { ...attributes, 'url.full': `${url.origin}${url.pathname}` } },
    parent?.context,
  )
  return {
    headers: { traceparent: traceparentOf(span) },
    end(status, error) {
      const errorType = errorTypeOf({ status, failure: error, failsFrom: 400 })
      if (status !== null) attributes['http.response.status_code'] = status
      if (status !== null) span.setAttribute('http.response.status_code', status)
      if (errorType !== null) {
        attributes['error.type'] = errorType
        fail(span, errorType, error)
      }
      span.end()
      instruments.clientRequestEnded((performance.now() - startedMs) / 1000, attributes)
    },
  }
}

function startQuerySpan({ tracer, instruments }, text, parent) {
  const startedMs = performance.now()
  const { summary, operation, table } = querySummary(text)
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.query.text': text }
  if (table !== null) attributes['db.collection.name'] = table
  const span = tracer.startSpan(summary, { kind: SpanKind.CLIENT, attributes }, parent?.context)
  return {
    end(error) {
      const ended = { 'db.system.name': 'postgresql', 'db.operation.name': operation }
      if (table !== null) ended['db.collection.name'] = table
      if (error !== null) {
        const errorType = errorTypeOf({ status: null, failure: error, failsFrom: 0 })
        ended['error.type'] = errorType
        if (/^[0-9A-Z]{5}$/.test(error.code ?? '')) span.setAttribute('db.response.status_code', error.code)
        fail(span, errorType, error)
      }
      span.end()
      instruments.queryEnded((performance.now() - startedMs) / 1000, ended)
    },
  }
}

/** A span only where it was long or failed: at rest a connection is there at once. */
function startPoolWait({ tracer, instruments }, pool, parent) {
  const startedMs = performance.now()
  const startTime = Date.now()
  return {
    end(error) {
      const waitedMs = performance.now() - startedMs
      instruments.connectionWaited(pool, waitedMs / 1000)
      if (!error && waitedMs < NOTEWORTHY_WAIT_MS) return
      const attributes = {
        'db.system.name': 'postgresql',
        'db.client.connection.state': error ? 'none' : 'used',
      }
      const span = tracer.startSpan(
        'pool connect',
        { kind: SpanKind.INTERNAL, attributes, startTime },
        parent?.context,
      )
      if (error) fail(span, errorTypeOf({ status: null, failure: error, failsFrom: 0 }), error)
      span.end()
    },
  }
}

function toLogRecord({ severity, message, error, attributes }, parent) {
  const record = {
    severityText: severity,
    severityNumber: SeverityNumber[severity] ?? SeverityNumber.INFO,
    body: message,
    attributes,
    context: parent?.context ?? ROOT_CONTEXT,
  }
  if (error === null) return record
  return {
    ...record,
    attributes: {
      ...attributes,
      'exception.type': error.name ?? typeof error,
      'exception.message': error.message ?? String(error),
      'exception.stacktrace': stackOf(error),
    },
  }
}

/** With the errors that caused it, as Node prints them. */
function stackOf(error) {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error ? `${own}\n[cause]: ${stackOf(error.cause)}` : own
}

/** A code such as ECONNREFUSED or 53300 where there is one, else the class; null where nothing failed. */
function errorTypeOf({ status, failure, failsFrom }) {
  if (status !== null && status < failsFrom) return null
  if (failure) return String(failure.cause?.code ?? failure.code ?? failure.name ?? 'Error')
  return status === null ? 'cancelled' : String(status)
}

function fail(span, errorType, error) {
  span.setAttribute('error.type', errorType)
  span.setStatus(
    error ? { code: SpanStatusCode.ERROR, message: error.message } : { code: SpanStatusCode.ERROR },
  )
}

/** https://www.w3.org/TR/trace-context/: version, trace id, span id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/

function parentOf(traceparent) {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (traceId === undefined) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16)
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function traceparentOf(span) {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-0${traceFlags.toString(16)}`
}

function splitUrl(url) {
  const mark = url.indexOf('?')
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}
