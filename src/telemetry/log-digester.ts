import type { EpochMs } from '../time.ts'
import { fingerprintsOf } from './digest-fingerprints.ts'
import { exceptionKey } from './exception-key.ts'
import type { ExceptionChain } from './exception.ts'
import type { LogExample, SeverityText } from './fingerprint.ts'
import { classifyFrames } from './in-app.ts'
import { createLineKinds, type LineKind, type LineKinds } from './line-kinds.ts'
import { createLineReader, wantsContext } from './line-reader.ts'
import type { LogDigest, LogDigester, LogDigesterOptions, LogFileSummary } from './log-digest.ts'
import { feedChunk, feedEnd } from './log-feed.ts'
import { createLogSource, decodeLine, setGroup, type LogSource } from './log-source.ts'
import type { LoggedRequest } from './parsed-line.ts'
import { redact } from './redact.ts'
import { routeOf } from './route.ts'
import { createTraceAssembler } from './trace-assembler.ts'
import { createTraceRuns } from './trace-runs.ts'

/**
 * Takes logs in as bytes and keeps a bounded digest: kinds of lines with counts and times, exceptions, requests.
 *
 *   chunk → lines → shape (a hash of the masked bytes) → known? count : decode, parse, understand → digest
 */
export function createLogDigester(options: LogDigesterOptions): LogDigester {
  const context = { timeZone: options.timeZone ?? 'UTC', now: options.now }
  const kinds = createLineKinds()
  const sources = new Map<string, LogSource>()
  const makers = createKindMakers(kinds, options.repositoryFiles)
  const noteGroup = (source: LogSource, line: number, kind: LineKind): void =>
    setGroup(source, line, kind.index)
  const runs = createTraceRuns({ context, windows: kinds.log, kindOf: makers.traceKind, setGroup: noteGroup })
  const read = createLineReader({
    context,
    since: options.since ?? Number.NEGATIVE_INFINITY,
    until: options.until ?? Number.POSITIVE_INFINITY,
    windows: kinds.log,
    runs,
    newKind: makers.lineKind,
    recordKind: makers.recordKind,
    kindCount: () => kinds.all.length,
    setGroup: noteGroup,
    onRequest: requestHandler(options.onRequest),
  })
  const sourceOf = (name: string): LogSource => {
    const known = sources.get(name)
    if (known) return known
    const source = createLogSource(name, {
      index: sources.size,
      withGroups: options.withGroups ?? false,
      context,
      assembler: (owner) => createTraceAssembler({ onTrace: (block) => runs.found(owner(), block) }),
    })
    sources.set(name, source)
    return source
  }
  return {
    write: (name, chunk) => feedChunk(sourceOf(name), chunk, read),
    end(name) {
      const source = sourceOf(name)
      feedEnd(source, read)
      runs.finish(source)
      source.buffer = Buffer.alloc(0)
      source.filled = 0
      source.lineStart = 0
    },
    digest() {
      for (const source of sources.values()) runs.finish(source)
      return digestOf(kinds, [...sources.values()])
    },
  }
}

function requestHandler(
  onRequest: LogDigesterOptions['onRequest'],
): ((request: LoggedRequest, at: EpochMs) => void) | null {
  if (!onRequest) return null
  return ({ method, path, status, durationMs, client }, at) => {
    onRequest({ at, route: routeOf(method, path), status, noAnswer: null, durationMs, client })
  }
}

const MAX_TEXT = 4096
const MAX_MESSAGE = 4096
const SHOWN_BEFORE = 3

type KindMakers = {
  readonly lineKind: Parameters<typeof createLineReader>[0]['newKind']
  readonly recordKind: Parameters<typeof createLineReader>[0]['recordKind']
  readonly traceKind: Parameters<typeof createTraceRuns>[0]['kindOf']
}

function createKindMakers(kinds: LineKinds, repositoryFiles: ReadonlySet<string> | undefined): KindMakers {
  const exceptions = new Map<string, LineKind>()

  const exceptionKind = (
    found: ExceptionChain,
    {
      source,
      severityText,
      example,
    }: { source: LogSource; severityText: SeverityText; example: () => LogExample },
  ): LineKind => {
    const chain = classifyFrames(found, repositoryFiles)
    const key = exceptionKey(chain)
    const known = exceptions.get(key)
    if (known) {
      if (known.examples.length < 3) known.examples.push(example())
      return known
    }
    const exception = chain.map((link) => ({ ...link, message: redact(link.message).slice(0, MAX_MESSAGE) }))
    const kind = kinds.add({
      severityText,
      text: '',
      messageStart: 0,
      source: source.index,
      isField: true,
      exception,
      examples: [example()],
    })
    exceptions.set(key, kind)
    return kind
  }

  return {
    lineKind(source, { parsed, text, line }) {
      const inLine = parsed.messageStart >= 0
      const example = exampleOf(source, text, line)
      const kind = kinds.add({
        severityText: parsed.severityText,
        text: (inLine ? text : parsed.message).slice(0, MAX_MESSAGE),
        messageStart: inLine ? parsed.messageStart : 0,
        source: source.index,
        isField: parsed.fields !== null,
        exception: null,
        examples: [
          wantsContext({ severityText: parsed.severityText, exception: null })
            ? withContext(source, example)
            : example,
        ],
      })
      return kind
    },
    recordKind(source, { chain, parsed, text, line }) {
      const severityText = ofError(parsed.severityText)
      return exceptionKind(chain, {
        source,
        severityText,
        example: () => withContext(source, exampleOf(source, text, line)),
      })
    },
    traceKind(chain, { source, block, carrier }) {
      const example = (): LogExample => ({
        file: source.name,
        line: block.lines[0] ?? source.lines,
        text: redact(block.text.slice(0, MAX_TEXT)),
        before: [],
        after: [],
      })
      return exceptionKind(chain, {
        source,
        severityText: ofError(carrier?.severityText ?? 'ERROR'),
        example,
      })
    },
  }
}

/** An exception that was logged as an error or below a warning; one that is only mentioned keeps the line's word. */
function ofError(severityText: SeverityText): SeverityText {
  return severityText === 'FATAL' || severityText === 'WARN' ? severityText : 'ERROR'
}

function exampleOf(source: LogSource, text: string, { number }: { number: number }): LogExample {
  return { file: source.name, line: number, text: redact(text.slice(0, MAX_TEXT)), before: [], after: [] }
}

/** With the lines around it: those before are in the buffer, those after are added as they come. */
function withContext(source: LogSource, example: LogExample): LogExample {
  const before: string[] = []
  for (const start of source.before.slice(-SHOWN_BEFORE)) {
    const end = source.buffer.indexOf(10, start)
    if (end > start && end < source.lineStart)
      before.push(redact(decodeLine(source, start, Math.min(end, start + 500))))
  }
  const after: string[] = []
  source.awaiting.push({ line: example.line, after })
  return { ...example, before, after }
}

function digestOf(kinds: LineKinds, sources: readonly LogSource[]): LogDigest {
  const { fingerprints, groupOf } = fingerprintsOf(kinds, sources)
  const files = sources.map(summaryOf)
  const firsts = files.flatMap(({ firstSeen }) => firstSeen ?? [])
  const lasts = files.flatMap(({ lastSeen }) => lastSeen ?? [])
  return {
    lines: sources.reduce((sum, source) => sum + source.lines, 0),
    bytes: sources.reduce((sum, source) => sum + source.bytes, 0),
    files,
    firstSeen: firsts.length > 0 ? Math.min(...firsts) : null,
    lastSeen: lasts.length > 0 ? Math.max(...lasts) : null,
    fingerprints,
    groups: groupsOf(sources, groupOf),
  }
}

function groupsOf(sources: readonly LogSource[], groupOf: Int32Array): number[] | null {
  if (sources.every((source) => source.groups === null)) return null
  const groups: number[] = []
  for (const { groups: kindOf, lines } of sources) {
    for (let line = 0; line < lines; line++) groups.push(groupOf[kindOf?.[line] ?? -1] ?? -1)
  }
  return groups
}

function summaryOf(source: LogSource): LogFileSummary {
  const notes = [...source.notes]
  if (source.cutLines > 0)
    notes.push(`${source.cutLines === 1 ? '1 line was' : `${source.cutLines} lines were`} cut at 1 MB`)
  if (!Number.isFinite(source.firstSeen) && source.lines > 0) notes.push('no line has a time')
  return {
    file: source.name,
    format: source.format?.name ?? 'plain',
    lines: source.lines,
    bytes: source.bytes,
    firstSeen: Number.isFinite(source.firstSeen) ? source.firstSeen : null,
    lastSeen: Number.isFinite(source.lastSeen) ? source.lastSeen : null,
    notes,
  }
}
