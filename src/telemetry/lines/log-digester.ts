import type { EpochMs } from '../../time.ts'
import { fingerprintsOf } from './digest-fingerprints.ts'
import { createLineKinds, type LineKind, type LineKinds } from './line-kinds.ts'
import { createKindMakers } from './kind-makers.ts'
import { createLineReader } from './line-reader.ts'
import type { LogDigest, LogDigester, LogDigesterOptions, LogFileSummary } from '../log-digest.ts'
import { dropUnfinished, feedChunk, feedEnd } from './log-feed.ts'
import { createLogSource, setGroup, type LogSource } from './log-source.ts'
import type { LoggedRequest } from './parsed-line.ts'
import { routeOf } from '../requests/route.ts'
import { createTraceAssembler } from '../exceptions/trace-assembler.ts'
import { createTraceRuns } from '../exceptions/trace-runs.ts'
import { createTraceStrangers } from '../exceptions/trace-strangers.ts'

/**
 * Takes logs in as bytes and keeps a bounded digest: kinds of lines with counts and times, exceptions, requests.
 *
 *   chunk → lines → shape (a hash of the masked bytes) → known? count : decode, parse, understand → digest
 */
export function createLogDigester(options: LogDigesterOptions): LogDigester {
  const context = { timeZone: options.timeZone ?? 'UTC', now: options.now }
  const kinds = createLineKinds()
  const sources = new Map<string, LogSource>()
  let spare: Buffer | null = null
  const makers = createKindMakers(kinds, options.repositoryFiles)
  const noteGroup = (source: LogSource, line: number, kind: LineKind): void =>
    setGroup(source, line, kind.index)
  const strangers = createTraceStrangers()
  const runs = createTraceRuns({
    context,
    windows: kinds.log,
    strangers,
    kindOf: makers.traceKind,
    setGroup: noteGroup,
  })
  const read = createLineReader({
    context,
    since: options.since ?? Number.NEGATIVE_INFINITY,
    until: options.until ?? Number.POSITIVE_INFINITY,
    windows: kinds.log,
    runs,
    strangers,
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
      buffer: spare,
      assembler: (owner) => createTraceAssembler({ onTrace: (block) => runs.found(owner(), block) }),
    })
    spare = null
    sources.set(name, source)
    return source
  }
  return {
    write: (name, chunk) => feedChunk(sourceOf(name), chunk, read),
    end(name, how) {
      const source = sourceOf(name)
      if (how?.isCut === true) dropUnfinished(source)
      feedEnd(source, read)
      runs.finish(source)
      spare = source.buffer.length > (spare?.length ?? 0) ? source.buffer : spare
      source.buffer = Buffer.alloc(0)
      source.filled = 0
      source.lineStart = 0
    },
    // What is open in a source that has not ended (a line, a trace) is not in it yet: the next digest has it whole.
    digest: () => digestOf(kinds, [...sources.values()]),
  }
}

function requestHandler(
  onRequest: LogDigesterOptions['onRequest'],
): ((request: LoggedRequest, at: EpochMs) => void) | null {
  if (!onRequest) return null
  return ({ method, path, status, noAnswer = null, durationMs, client }, at) => {
    onRequest({ at, route: routeOf(method, path), status, noAnswer, durationMs, client })
  }
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
  const notes: string[] = []
  if (source.jumps !== null) notes.push(jumpNote(source.jumps))
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

function jumpNote({ count, line, hours }: NonNullable<LogSource['jumps']>): string {
  if (count === 1) return `clock jumped back ${hours} h at line ${line}`
  return `clock jumped back ${count} times, first at line ${line} by ${hours} h`
}
