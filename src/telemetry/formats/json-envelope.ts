import type { ParsedLine } from '../lines/parsed-line.ts'
import { severityOfSyslog, severityOfWord } from '../lines/severity-text.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { isRecord, numberOf, recordOfLine, textOf } from './json-values.ts'
import type { JsonRecord } from './json-values.ts'
import { parsedLine } from './line-format.ts'
import type { LineParser } from './line-format.ts'

/** Docker's json-file driver and its kin: `{"log":"message\n","stream":"stderr","time":"…"}`; no `\n`: cut. */
export const dockerJson: LineParser = {
  name: 'docker-json-file',
  kind: 'envelope',
  starts: /[{[,]/,
  parse: (line, time) => {
    if (!line.includes('"log":') || !(line.includes('"stream":') || line.includes('"source":'))) return null
    const record = recordOfLine(line)
    const text = record?.['log']
    const stream = record?.['stream'] ?? record?.['source']
    if (record === null || typeof text !== 'string' || typeof stream !== 'string') return null
    const origin = originOf(record)
    const ended = text.endsWith('\n')
    return parsedLine({
      timestamp: time.fromValue(record['time'] ?? record['timestamp'] ?? record['@timestamp']),
      message: ended ? text.slice(0, text.endsWith('\r\n') ? -2 : -1) : text,
      stream: origin?.container ? `${origin.container} ${stream}` : stream,
      service: origin?.service ?? null,
      partial: !ended && record['source'] === undefined && record['logtag'] !== 'F',
    })
  },
}

/** Which container wrote it, where a collector has added that; Docker alone adds nothing. */
function originOf(record: JsonRecord): { container: string | null; service: string | null } | null {
  const { kubernetes, container_name: name, container_id: id, attrs } = record
  if (kubernetes === undefined && name === undefined && id === undefined && attrs === undefined) return null
  return {
    container: textOf(record, ['kubernetes.pod_name', 'container_name', 'container_id', 'attrs.tag']),
    service:
      textOf(record, ['kubernetes.container_name', 'container_name', 'attrs.tag'])?.replace(/^\//, '') ??
      null,
  }
}

/** `journalctl -o json`: names in capitals, times in microseconds, a message that may be an array of bytes. */
export const journaldJson: LineParser = {
  name: 'journald-json',
  kind: 'envelope',
  starts: /[{[,]/,
  parse: (line, time) => {
    if (!line.includes('"MESSAGE"')) return null
    const record = recordOfLine(line)
    if (record === null) return null
    const message = journalText(record['MESSAGE'])
    if (message === null) return null
    const priority = numberOf(record, ['PRIORITY'])
    const program = textOf(record, ['SYSLOG_IDENTIFIER', '_COMM', '_SYSTEMD_UNIT'])
    const pid = textOf(record, ['_PID', 'SYSLOG_PID']) ?? ''
    return parsedLine({
      timestamp: time.fromValue(record['_SOURCE_REALTIME_TIMESTAMP'] ?? record['__REALTIME_TIMESTAMP']),
      severityText: priority === null ? '' : severityOfSyslog(priority),
      message,
      stream: `${textOf(record, ['_HOSTNAME']) ?? ''} ${program ?? ''} ${pid}`,
      service: program,
    })
  },
}

function journalText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return null
  const bytes = value.filter((byte): byte is number => typeof byte === 'number')
  return bytes.length === value.length ? new TextDecoder().decode(Uint8Array.from(bytes)) : null
}

/** Events of log services around a line of text: CloudWatch (`ingestionTime`, `logStreamName`) and GCP (`textPayload`). */
export const cloudEvent: LineParser = {
  name: 'cloud-event',
  kind: 'envelope',
  starts: /[{[,]/,
  parse: (line, time) => {
    const cloudWatch =
      line.includes('"ingestionTime"') || line.includes('"logStream') || line.includes('"@message"')
    if (!cloudWatch && !line.includes('"textPayload"')) return null
    const record = recordOfLine(line)
    return record === null ? null : cloudWatch ? parseCloudWatch(record, time) : parseGcpText(record, time)
  },
}

function parseCloudWatch(record: JsonRecord, time: TimestampReader): ParsedLine | null {
  const message = textOf(record, ['message', '@message'])
  if (message === null) return null
  return parsedLine({
    timestamp: time.fromValue(record['timestamp'] ?? record['@timestamp']),
    message: message.replace(/\r?\n$/, ''),
    stream: textOf(record, ['logStreamName', 'logStream', '@logStream']) ?? '',
    service: textOf(record, ['logGroupName', 'logGroup', '@log']),
  })
}

function parseGcpText(record: JsonRecord, time: TimestampReader): ParsedLine | null {
  const message = record['textPayload']
  if (typeof message !== 'string') return null
  const labels = isRecord(record['resource']) ? record['resource'] : {}
  const severity = textOf(record, ['severity'])
  return parsedLine({
    timestamp: time.fromValue(record['timestamp'] ?? record['receiveTimestamp']),
    // GCP calls everything on stderr an error: what the line itself says is better, and is read next.
    severityText: severity === null || severity === 'DEFAULT' ? '' : (severityOfWord(severity) ?? ''),
    message: message.replace(/\r?\n$/, ''),
    stream: textOf(labels, ['labels.pod_name', 'labels.instance_id', 'labels.revision_name']) ?? '',
    service: textOf(labels, ['labels.container_name', 'labels.service_name', 'labels.function_name']),
  })
}
