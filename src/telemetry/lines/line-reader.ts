import type { EpochMs } from '../../time.ts'
import { chainFromFields } from '../exceptions/chain-from-fields.ts'
import type { ExceptionChain } from '../exception.ts'
import { readJsonRecord } from './json-shape.ts'
import { findClock, readClockTime, type LineBytes } from './line-clock.ts'
import { countLine, isErrorClass, type LineKind } from './line-kinds.ts'
import { beginShape, createLineShape, readText, type LineShape } from './line-shape.ts'
import { decodeLine, parseLine, type LogSource, type RunLine, type ShapeEntry } from './log-source.ts'
import type { LoggedRequest, ParseContext, ParsedLine } from './parsed-line.ts'
import { shownText } from './shown-text.ts'
import { applyRecipe, isSameRequest, learnRequest } from './request-recipe.ts'
import { createShapeIndex, type LineRange } from './shape-index.ts'
import { mayBelongToTrace, mayBelongToTraceBytes } from '../exceptions/trace-assembler.ts'
import type { TraceRuns } from '../exceptions/trace-runs.ts'
import type { TraceStrangers } from '../exceptions/trace-strangers.ts'
import type { WindowCounts } from './window-counts.ts'

export type LineReaderDeps = {
  readonly context: ParseContext
  readonly since: EpochMs
  readonly until: EpochMs
  readonly windows: WindowCounts
  readonly runs: TraceRuns
  readonly strangers: TraceStrangers
  /** The kind of a line whose shape is new. */
  newKind(source: LogSource, seen: { parsed: ParsedLine; text: string; line: RunLine }): LineKind
  /** The kind of a record that carries an exception in its fields. */
  recordKind(
    source: LogSource,
    seen: { chain: ExceptionChain; parsed: ParsedLine; text: string; line: RunLine },
  ): LineKind
  kindCount(): number
  setGroup(source: LogSource, line: number, kind: LineKind): void
  readonly onRequest: ((request: LoggedRequest, at: EpochMs) => void) | null
}

/** Reads the line that begins at `start` in the source's buffer; answers where the next one begins. */
export type LineReader = (source: LogSource, start: number) => number

const OPEN_BRACE = 123

export function createLineReader(deps: LineReaderDeps): LineReader {
  const shape = createLineShape()
  const bytesOf: LineBytes = { bytes: new Uint8Array(0), start: 0, end: 0, timeAt: -1 }
  const entryOf = createShapeIndex({
    create: (source, range) => createEntry(source, range, { deps, line: bytesOf }),
    kindCount: () => deps.kindCount(),
  })

  return (source, start) => {
    readShape(source.buffer, start, shape)
    const end = shape.at
    const number = ++source.lines
    const { lane1, lane2 } = shape
    if (goesOn(source, start, end)) {
      continueRecord(
        source,
        { number, start, end, entry: null, time: source.lastTime },
        { deps, lane1, lane2 },
      )
      return finishLine(source, start, end)
    }
    bytesOf.bytes = source.buffer
    bytesOf.start = start
    bytesOf.end = end
    bytesOf.timeAt = shape.timeAt
    const entry = entryOf(source, shape, bytesOf)
    const time = timeOf(source, entry, bytesOf)
    if (time < deps.since || time > deps.until) return finishLine(source, start, end)
    if (entry.mayBelongToTrace || source.run.length > 0 || source.pending !== null || source.isPartial) {
      const line = { number, start, end, entry, time }
      if (meetTrace(source, line, { deps, shape })) return finishLine(source, start, end)
    }
    countLine(entry.kind, time, deps.windows)
    deps.setGroup(source, number, entry.kind)
    if (entry.headed) source.head = entry
    if (entry.partial) source.isPartial = true
    if (entry.hasRequest && deps.onRequest) readRequest(source, { number, start, end, entry, time }, deps)
    const { last } = source
    last.number = number
    last.start = start
    last.end = end
    last.entry = entry
    last.time = time
    return finishLine(source, start, end)
  }
}

function readShape(bytes: Uint8Array, start: number, shape: LineShape): void {
  beginShape(shape, start)
  const first = bytes[start] as number
  if (first === OPEN_BRACE) {
    if (readJsonRecord(bytes, shape)) return
    beginShape(shape, start)
  }
  shape.keepPaths = first === 32 || first === 9
  readText(bytes, shape)
}

/** An indented or blank line goes on with the record before it, where there is one. */
function goesOn(source: LogSource, start: number, end: number): boolean {
  if (source.head === null && source.run.length === 0) return isBlank(source.buffer, start, end)
  const first = source.buffer[start] as number
  return first === 32 || first === 9 || isBlank(source.buffer, start, end)
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return end === start || (end === start + 1 && bytes[start] === 13)
}

type Shaped = { readonly deps: LineReaderDeps; readonly lane1: number; readonly lane2: number }

function continueRecord(source: LogSource, line: RunLine, { deps, lane1, lane2 }: Shaped): void {
  if (line.time < deps.since || line.time > deps.until) return
  if (source.head) deps.setGroup(source, line.number, source.head.kind)
  if (source.pending) return deps.runs.tell(source, line)
  const opens = source.run.length > 0 || mayBelongToTraceBytes(source.buffer, line.start, line.end)
  // A blank line may stand within a message (Node's AssertionError) or between a record and its trace (Spring Boot).
  if (opens || isBlankBelowError(source, line)) deps.runs.add(source, line, { lane1, lane2 })
}

function isBlankBelowError({ buffer, last }: LogSource, { number, start, end }: RunLine): boolean {
  return last.number === number - 1 && isBlank(buffer, start, end) && isErrorClass(last.entry?.kind)
}

/** The rare case: a trace is open or may begin here. True when the line is dealt with. */
function meetTrace(
  source: LogSource,
  line: RunLine,
  { deps, shape }: { deps: LineReaderDeps; shape: LineShape },
): boolean {
  const { entry } = line
  if (source.isPartial && entry) {
    source.isPartial = entry.partial
    if (source.head) deps.setGroup(source, line.number, source.head.kind)
    return true
  }
  if (source.pending) {
    if (entry) countLine(entry.kind, line.time, deps.windows)
    if (entry) deps.setGroup(source, line.number, entry.kind)
    if (entry?.headed) source.head = entry
    deps.runs.tell(source, line)
    Object.assign(source.last, line)
    if (entry?.hasRequest && deps.onRequest) readRequest(source, line, deps)
    return true
  }
  const belongs =
    entry?.mayBelongToTrace === true ||
    (source.run.length > 0 && entry?.headed === false && source.head !== null)
  if (!belongs) {
    deps.runs.close(source)
    if (source.pending === null) return false
    return meetTrace(source, line, { deps, shape })
  }
  beginShape(shape, line.start)
  shape.keepPaths = true
  readText(source.buffer, shape)
  deps.runs.add(source, line, shape)
  return true
}

function finishLine(source: LogSource, start: number, end: number): number {
  const { before, awaiting } = source
  if (awaiting.length > 0) showAfter(source, start, end)
  before[0] = before[1]
  before[1] = before[2]
  before[2] = start
  source.lineStart = end + 1
  return end + 1
}

const SHOWN_AFTER = 3

function showAfter(source: LogSource, start: number, end: number): void {
  const text = shownText(decodeLine(source, start, Math.min(end, start + 500)))
  for (const { line, after } of source.awaiting) if (line < source.lines) after.push(text)
  while ((source.awaiting[0]?.after.length ?? 0) >= SHOWN_AFTER) source.awaiting.shift()
}

/** The time of a line, or of the one before it where it has none of its own. */
function timeOf(source: LogSource, entry: ShapeEntry, line: LineBytes): EpochMs {
  if (entry.clock.kind === 'none') return source.lastTime
  const time = readClockTime(line, entry.clock, source.bases)
  if (Number.isNaN(time)) return source.lastTime
  if (time < source.lastTime - JUMP_MS) noteJump(source, time)
  source.lastTime = time
  if (time < source.firstSeen) source.firstSeen = time
  if (time > source.lastSeen) source.lastSeen = time
  return time
}

const JUMP_MS = 3_600_000

function noteJump(source: LogSource, time: EpochMs): void {
  if (source.jumps) source.jumps.count++
  else source.jumps = { count: 1, line: source.lines, hours: Math.round((source.lastTime - time) / JUMP_MS) }
}

/** Every so-manieth request is parsed in full all the same, to see that the recipe still holds. */
const CHECK_EVERY = 512
const CHECKED_FIRST = 8

function readRequest(source: LogSource, line: RunLine, deps: LineReaderDeps): void {
  const { entry } = line
  if (!entry || Number.isNaN(line.time)) return
  const count = entry.requests++
  if (entry.recipe && count >= CHECKED_FIRST && count % CHECK_EVERY !== 0) {
    const quick = applyRecipe(source.buffer, line, entry.recipe)
    if (quick) return deps.onRequest?.(quick, line.time)
  }
  const { request } = parseLine(source, decodeLine(source, line.start, line.end), deps.context)
  if (!request) return
  if (count === 0) entry.recipe = learnRequest(source.buffer.subarray(line.start, line.end), request)
  else if (entry.recipe && !isSameRequest(applyRecipe(source.buffer, line, entry.recipe), request))
    entry.recipe = null
  deps.onRequest?.(request, line.time)
}

/** The slow path, once per shape: the line is decoded, parsed and understood. */
function createEntry(
  source: LogSource,
  { start, end }: LineRange,
  { deps, line }: { deps: LineReaderDeps; line: LineBytes },
): ShapeEntry {
  const text = decodeLine(source, start, end)
  const parsed = parseLine(source, text, deps.context)
  const chain = parsed.fields ? chainFromFields(parsed.fields) : null
  const seen = {
    parsed,
    text,
    line: { number: source.lines, start, end, entry: null, time: source.lastTime },
  }
  const kind = chain ? deps.recordKind(source, { ...seen, chain }) : deps.newKind(source, seen)
  return {
    kind,
    clock: findClock(line, parsed.timestamp),
    headed: parsed.headed,
    partial: parsed.partial,
    hasRequest: parsed.request !== null || parsed.opensRequest === true,
    recipe: null,
    requests: 0,
    mayBelongToTrace:
      chain === null &&
      parsed.request === null &&
      (mayBelongToTrace(parsed.message) || holdsBreaks(parsed.message)) &&
      !deps.strangers.isStranger(parsed.message),
    strangerTimes: 0,
  }
}

/** Line breaks that were escaped on the way: a whole trace on one line. */
function holdsBreaks(message: string): boolean {
  return message.includes('\n') || message.includes('#012') || message.includes('\\n')
}
