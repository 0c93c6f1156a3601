import type { SeverityText } from '../fingerprint.ts'
import {
  severityOfLogback,
  severityOfNumber,
  severityOfOpenTelemetry,
  severityOfPino,
  severityOfPython,
  severityOfSyslog,
  severityOfWord,
} from '../lines/severity-text.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { fieldsByRole } from './json-roles.ts'
import type { FieldsByRole } from './json-roles.ts'
import { isRecord, numberOf, recordOfLine } from './json-values.ts'
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
  starts: /[{[,]/,
  parse: (line, time) => {
    const record = recordOfLine(line)
    if (record === null) return null
    const payload = isRecord(record['jsonPayload']) ? { ...record, ...record['jsonPayload'] } : record
    const fields = fieldsByRole(payload)
    const message = messageOf(payload, fields)
    return parsedLine({
      timestamp: timeOf(payload, fields, time),
      severityText: severityOf(payload, fields),
      message: message ?? line,
      messageStart: message === null ? 0 : -1,
      stream: streamOf(fields),
      service: typeof fields.service === 'string' ? fields.service : null,
      request: requestInFields(payload, fields),
      fields: payload,
    })
  },
}

function timeOf(record: JsonRecord, fields: FieldsByRole, time: TimestampReader): number {
  const at = fields.time === undefined ? Number.NaN : time.fromValue(fields.time)
  if (!Number.isNaN(at)) return at
  // GCP's logging agent writes two numbers. A field called `time` that is none leaves the others.
  const seconds = time.fromValue({ seconds: record['timestampSeconds'], nanos: record['timestampNanos'] })
  if (!Number.isNaN(seconds)) return seconds
  for (const key of ['@timestamp', 'timestamp', 'ts', 'asctime', 'date', 'created']) {
    const other = time.fromValue(record[key])
    if (!Number.isNaN(other)) return other
  }
  return Number.NaN
}

function severityOf(record: JsonRecord, { level }: FieldsByRole): SeverityText {
  if (typeof level === 'string') {
    const word = severityOfWord(level) ?? severityOfWord(level.trim().toLowerCase())
    if (word !== null) return word
    const number = Number(level)
    if (level.trim() !== '' && Number.isFinite(number)) return severityOfNumber(number)
  }
  if (typeof level === 'number') return levelNumber(record, level)
  return severityOfOtherNumbers(record)
}

/** `level` as a number: pino and bunyan count from 10; below that it is syslog's (GELF, winston). */
function levelNumber(record: JsonRecord, level: number): SeverityText {
  const pino = level >= 10 && level < 100 && !('levelno' in record) && !('severity' in record)
  return pino ? severityOfPino(level) : severityOfNumber(level)
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

/** What was said; null where the record is only fields. */
function messageOf(record: JsonRecord, { message }: FieldsByRole): string | null {
  if (typeof message === 'string') return message
  const value = record['message'] ?? record['msg']
  return isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : null
}

/** Writers that may interleave: a pid on a host, or a container. */
function streamOf({ pid, host }: FieldsByRole): string {
  const number = typeof pid === 'number' || typeof pid === 'string' ? String(pid) : ''
  return typeof host === 'string' ? `${host} ${number}` : number
}
