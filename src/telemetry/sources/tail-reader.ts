import { basename } from 'node:path'
import type { EpochMs } from '../../time.ts'
import type { LogRecord } from '../log-record.ts'
import { recogniseFormat } from '../lines/recognise.ts'
import type { LineFormat, ParseContext } from '../lines/recognise.ts'
import type { LoggedRequests, TelemetryBatch } from '../telemetry-batch.ts'
import type { RequestOutcome } from '../request.ts'
import type { Resource } from '../resource.ts'
import { experimentalSemconv, semconv } from '../semconv.ts'
import { createRecordLines, timeOfRecord } from './record-lines.ts'
import { recordToLog, requestOf } from './record-to-log.ts'

/** Makes batches of the lines of one file. */
export type TailReader = {
  push(line: Uint8Array, start: number): void
  /** What was held back for more lines is complete. */
  flush(): void
  /** What is complete since the last time, as logs and requests; none where there is nothing. */
  take(): readonly TelemetryBatch[]
  /** Where the oldest line stands that is in no batch yet; null where all are. */
  openFrom(): number | null
}

export type TailReaderOptions = {
  readonly file: string
  readonly service: string | null
  readonly hostName: string
  readonly timeZone: string
  /** False: a line about a request is a record only; somebody nearer to the users counts it. */
  readonly requests: boolean
  readonly now: () => EpochMs
}

/** So many lines tell a format; the sample grows up to here. */
const SAMPLE_LINES = 200
const MAX_SAMPLED = 2_000
/** A missing year is counted back from now, which need not be exact. */
const CONTEXT_MS = 3_600_000

const decoder = new TextDecoder()

/** A reader of one file: recognises the format by its first lines, joins lines to records, keeps nothing else. */
export function createTailReader(options: TailReaderOptions): TailReader {
  const lines = createRecordLines()
  const resources = createResources(options)
  const sample: string[] = []
  let sampled = 0
  let format: LineFormat = recogniseFormat([])
  let context: ParseContext = { timeZone: options.timeZone, now: options.now() }

  function recognise(text: string): void {
    sample.push(text.slice(0, MAX_SAMPLED))
    // Again whenever there are twice as many: a file of two lines tells less than one of two hundred.
    if (sample.length < 2 * sampled && sample.length < SAMPLE_LINES) return
    format = recogniseFormat(sample)
    sampled = sample.length
  }

  return {
    push(line, start) {
      const text = textOf(line)
      if (sample.length < SAMPLE_LINES) recognise(text)
      const parsed = format.parse(text, context)
      if (parsed !== null) lines.push({ start, parsed })
    },
    flush: lines.flush,
    openFrom: lines.openFrom,
    take() {
      const records = lines.take()
      if (records.length === 0) return []
      const observedAt = options.now()
      if (observedAt - context.now > CONTEXT_MS) context = { ...context, now: observedAt }
      // Only of what came with it: a time that stood far above says nothing of a line that is printed hours later.
      let before: EpochMs | null = null
      const logs: LogRecord[] = []
      const requests = new Map<string, RequestOutcome[]>()
      for (const record of records) {
        const at = timeOfRecord(record, { before, observedAt })
        before = record.parsed.timestamp ?? before
        const resource = resources(record.parsed.service)
        logs.push(recordToLog(record, { resource, at, observedAt }))
        const request = options.requests ? requestOf(record, at) : null
        if (request !== null) addTo(requests, resource.serviceName, request)
      }
      return batchesOf(logs, requests)
    },
  }
}

function batchesOf(
  logs: readonly LogRecord[],
  requests: ReadonlyMap<string, readonly RequestOutcome[]>,
): readonly TelemetryBatch[] {
  if (requests.size === 0) return [{ kind: 'logs', items: logs }]
  const items: LoggedRequests[] = [...requests].map(([service, outcomes]) => ({ service, outcomes }))
  return [
    { kind: 'logs', items: logs },
    { kind: 'requests', items },
  ]
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** Lines are windows onto a buffer that is used again: the text is a copy. */
function textOf(line: Uint8Array): string {
  const end = line.at(-1) === 13 ? line.length - 1 : line.length
  const text = decoder.decode(line.subarray(0, end))
  return text.includes('\0') ? text.replaceAll('\0', ' ') : text
}

const MOST_SERVICES = 100

/** One resource per service of the file: as configured, else as the line says, else the file's own name. */
function createResources({ file, service, hostName }: TailReaderOptions): (told: string | null) => Resource {
  const known = new Map<string, Resource>()
  const ownName = service ?? nameOf(file)
  return (told) => {
    const wanted = service ?? told ?? ownName
    const name = known.has(wanted) || known.size < MOST_SERVICES ? wanted : ownName
    const found = known.get(name)
    if (found !== undefined) return found
    const attributes = new Map([
      [semconv.serviceName, name],
      [experimentalSemconv.hostName, hostName],
      [experimentalSemconv.logFilePath, file],
    ])
    const resource = { serviceName: name, serviceInstance: hostName, serviceVersion: '', attributes }
    known.set(name, resource)
    return resource
  }
}

/** `/var/log/checkout.access.log` is of `checkout`. */
function nameOf(file: string): string {
  return basename(file).replace(/\..*$/, '') || basename(file)
}
