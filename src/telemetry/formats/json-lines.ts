import type { SeverityText } from '../fingerprint.ts'
import {
  severityOfLogback,
  severityOfNumber,
  severityOfOpenTelemetry,
  severityOfPino,
  severityOfPython,
  severityOfSyslog,
  severityOfWord,
} from '../severity-text.ts'
import type { TimestampReader } from '../timestamp.ts'
import { isRecord, numberOf, recordOfLine, textOf, valueOf } from './json-values.ts'
import type { JsonRecord } from './json-values.ts'
import { parsedLine } from './line-format.ts'
import type { LineParser } from './line-format.ts'
import { requestInFields } from './request-fields.ts'

/**
 * One JSON object per line, by whichever logger: pino, winston, bunyan, zap, logback and log4j, python-json-logger,
 * structlog, Serilog, ECS, GCP, Caddy, Traefik, … The names of the fields decide, not the logger.
 */
export const jsonLines: LineParser = {
  name: 'json-lines',
  kind: 'record',
  parse: (line, time) => {
    const record = recordOfLine(line)
    if (record === null) return null
    const payload = isRecord(record['jsonPayload']) ? { ...record, ...record['jsonPayload'] } : record
    const message = messageOf(payload)
    return parsedLine({
      timestamp: timeOf(payload, time),
      severityText: severityOf(payload),
      message: message ?? line,
      messageStart: message === null ? 0 : -1,
      stream: streamOf(payload),
      service: textOf(payload, SERVICE_KEYS),
      request: requestInFields(payload, message ?? ''),
      fields: payload,
    })
  },
}

const TIME_KEYS = [
  '@timestamp',
  'timestamp',
  'time',
  'ts',
  '@t',
  'asctime',
  'datetime',
  'timeMillis',
  'instant',
  'Timestamp',
  'timeUnixNano',
  'observedTimestamp',
  'observedTimeUnixNano',
  'date',
  'eventTime',
  'created',
  'receiveTimestamp',
  'start_time',
  'StartUTC',
  'requestTime',
  '_time',
  't',
  'record.time',
]

function timeOf(record: JsonRecord, time: TimestampReader): number {
  for (const key of TIME_KEYS) {
    const value = valueOf(record, [key])
    const at = value === undefined ? Number.NaN : time.fromValue(value)
    if (!Number.isNaN(at)) return at
  }
  // GCP's logging agent: two numbers.
  return time.fromValue({ seconds: record['timestampSeconds'], nanos: record['timestampNanos'] })
}

const LEVEL_KEYS = [
  'level',
  'severity',
  'levelname',
  'log.level',
  'lvl',
  'level_name',
  'loglevel',
  'log_level',
  'logLevel',
  'LogLevel',
  'Level',
  '@l',
  'severityText',
  'severity_text',
  'SeverityText',
  'record.level.name',
]

function severityOf(record: JsonRecord): SeverityText {
  const value = valueOf(record, LEVEL_KEYS)
  if (typeof value === 'string') {
    const word = severityOfWord(value.trim())
    if (word !== null) return word
    const number = Number(value)
    if (value.trim() !== '' && Number.isFinite(number)) return severityOfNumber(number)
  }
  if (typeof value === 'number')
    return 'severity' in record ? severityOfNumber(value) : levelNumber(record, value)
  return severityOfOtherNumbers(record)
}

/** `level` as a number: pino and bunyan count from 10; below that it is syslog's (GELF, winston). */
function levelNumber(record: JsonRecord, level: number): SeverityText {
  return level >= 10 && level < 100 && !('levelno' in record)
    ? severityOfPino(level)
    : severityOfNumber(level)
}

function severityOfOtherNumbers(record: JsonRecord): SeverityText {
  const python = numberOf(record, ['levelno', 'record.level.no'])
  if (python !== null) return severityOfPython(python)
  const logback = numberOf(record, ['level_value'])
  if (logback !== null) return severityOfLogback(logback)
  const syslog = numberOf(record, ['PRIORITY', 'log.syslog.severity.code', 'syslog.severity'])
  if (syslog !== null) return severityOfSyslog(syslog)
  const openTelemetry = numberOf(record, ['severityNumber', 'severity_number', 'SeverityNumber'])
  if (openTelemetry !== null) return severityOfOpenTelemetry(openTelemetry)
  // Serilog's compact format leaves the level out where it is Information.
  return '@t' in record ? 'INFO' : ''
}

const MESSAGE_KEYS = [
  'message',
  'msg',
  '@m',
  'MESSAGE',
  'event',
  'body',
  'log',
  'text',
  'short_message',
  'RenderedMessage',
  'renderedMessage',
  'Message',
  '@mt',
  'MessageTemplate',
  'messageTemplate',
  'body.stringValue',
  'Body',
  'textPayload',
  'error.message',
  'error',
  'err.message',
  'exception',
]

/** What was said; null where the record is only fields. */
function messageOf(record: JsonRecord): string | null {
  for (const key of MESSAGE_KEYS) {
    const value = valueOf(record, [key])
    if (typeof value === 'string') return value
  }
  const value = record['message'] ?? record['msg']
  return isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : null
}

const SERVICE_KEYS = [
  'service.name',
  'service',
  'serviceContext.service',
  'app',
  'application',
  'appname',
  'app_name',
  'serviceName',
  'service_name',
  'dd.service',
  'kubernetes.container_name',
  'resource.labels.container_name',
  'resource.service.name',
  'Properties.Application',
]

/** Writers that may interleave: a pid on a host, or a container. */
function streamOf(record: JsonRecord): string {
  const pid = valueOf(record, ['pid', 'process', 'process.pid', 'process_id', 'processId'])
  const host = textOf(record, [
    'hostname',
    'host',
    'host.name',
    'kubernetes.pod_name',
    'container_id',
    'HOSTNAME',
  ])
  const number = typeof pid === 'number' || typeof pid === 'string' ? String(pid) : ''
  return host === null ? number : `${host} ${number}`
}
