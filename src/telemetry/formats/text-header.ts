import type { ParsedLine } from '../lines/parsed-line.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { parsedLine } from './line-format.ts'
import type { LineParser } from './line-format.ts'
import { scanHeader } from './header-scan.ts'

/**
 * Text lines in any of the layouts that logging libraries are told to write: time, level, process, thread, logger and
 * request id in any order, bare or in brackets, then the message. Python, log4j and logback, Go, Rust, Serilog, zap's
 * console, Kafka, Elasticsearch, Zookeeper, Hadoop and Spark, nova, PHP, … — no pattern is configured: the parts are
 * told by their shape.
 */
export const textHeader: LineParser = { name: 'text', kind: 'loose', starts: /./, parse }

function parse(line: string, time: TimestampReader): ParsedLine | null {
  const header = scanHeader(line, time)
  if (header === null) return null
  return parsedLine({
    timestamp: header.timestamp,
    severityText: header.severityText,
    message: line.slice(header.messageStart),
    messageStart: header.messageStart,
    stream: header.pid,
  })
}
