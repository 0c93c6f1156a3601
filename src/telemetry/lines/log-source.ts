import type { EpochMs } from '../../time.ts'
import type { ClockBases, LineBytes, LineClock } from './line-clock.ts'
import type { LineKind } from './line-kinds.ts'
import type { ParseContext, ParsedLine } from './parsed-line.ts'
import type { LineFormat } from './recognise.ts'
import type { RequestRecipe } from './request-recipe.ts'
import type { TraceAssembler } from '../exceptions/trace-assembler.ts'

/** What is known of one shape: to which kind its lines count, and how a line of it is treated. */
export type ShapeEntry = {
  readonly kind: LineKind
  readonly clock: LineClock
  /** The line has a header of its own: it is not the continuation of another. */
  readonly headed: boolean
  readonly partial: boolean
  readonly hasRequest: boolean
  /** How to read the request without parsing the line; null where that must be done. */
  recipe: RequestRecipe | null
  requests: number
  /** May open a stack trace or be part of one. Unlearned when it never does. */
  mayBelongToTrace: boolean
  strangerTimes: number
}

/** A line of a run, as offsets into the source's buffer. */
export type RunLine = {
  readonly number: number
  readonly start: number
  readonly end: number
  /** Null for lines that have no shape of their own: indented, blank. */
  readonly entry: ShapeEntry | null
  readonly time: EpochMs
}

/** A counted line that may turn out to belong to an exception. */
export type PendingLine = {
  readonly kind: LineKind | null
  readonly time: EpochMs
  readonly entry: ShapeEntry | null
}

/** What the assembler finds in a run that is new. */
export type LearnedRun = {
  readonly key: number
  readonly first: number
  readonly last: number
  readonly blocks: { readonly kind: LineKind; readonly lines: readonly number[] }[]
}

/** The lines of a source that came last, as far as the next ones depend on them. */
export type LastLine = {
  number: number
  start: number
  end: number
  entry: ShapeEntry | null
  time: EpochMs
}

/** One input and how far it was read. The buffer holds what is unfinished and the few lines before it. */
export type LogSource = {
  readonly name: string
  readonly index: number
  buffer: Buffer
  filled: number
  /** Where the unfinished line begins. */
  lineStart: number
  /** The rest of a line that was cut is not read. */
  isSkipping: boolean
  isFresh: boolean
  decoder: InstanceType<typeof TextDecoder> | null
  lines: number
  bytes: number
  cutLines: number
  format: LineFormat | null
  /** How many lines the format was recognised from. */
  sampled: number
  readonly bases: ClockBases
  lastTime: EpochMs
  firstSeen: EpochMs
  lastSeen: EpochMs
  /** How often the clock went back by more than an hour, and where it did first; null where it never did. */
  jumps: { count: number; readonly line: number; readonly hours: number } | null
  /** The three lines before the current one, for showing what stood around. */
  readonly before: [number, number, number]
  readonly last: LastLine
  /** The record that lines without a header go on with. */
  head: ShapeEntry | null
  isPartial: boolean
  run: RunLine[]
  runHash: number
  runHash2: number
  readonly assembler: TraceAssembler
  /** Lines that the assembler was told of, while it has something open; null almost always. */
  pending: Map<number, PendingLine> | null
  learning: LearnedRun | null
  /** The stream of the trace that is open, for lines that have no header to say it. */
  openStream: string
  /** Lines since the last that an open trace could have been waiting for. */
  waited: number
  /** Examples that still want the lines after theirs. */
  readonly awaiting: { readonly line: number; readonly after: string[] }[]
  /** The first lines, for finding out what their columns are. */
  readonly sample: string[]
  /** The kind of each physical line, where that was asked for. */
  groups: Int32Array | null
}

export function createLogSource(
  name: string,
  options: {
    readonly index: number
    readonly withGroups: boolean
    readonly context: ParseContext
    /** One that another source has no use for any more. */
    readonly buffer: Buffer | null
    /** Makes the assembler, which reports to the source that is being made. */
    assembler(source: () => LogSource): TraceAssembler
  },
): LogSource {
  const parse = ({ start, end }: LineBytes): EpochMs | null =>
    parseLine(source, decodeLine(source, start, end), options.context).timestamp
  const source: LogSource = {
    name,
    index: options.index,
    buffer: options.buffer ?? Buffer.alloc(64 * 1024),
    filled: 0,
    lineStart: 0,
    isSkipping: false,
    isFresh: true,
    decoder: null,
    lines: 0,
    bytes: 0,
    cutLines: 0,
    format: null,
    sampled: 0,
    bases: { known: new Map(), parse },
    lastTime: Number.NaN,
    firstSeen: Number.POSITIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
    jumps: null,
    before: [0, 0, 0],
    last: { number: 0, start: 0, end: 0, entry: null, time: Number.NaN },
    head: null,
    isPartial: false,
    run: [],
    runHash: 17,
    runHash2: 31,
    assembler: options.assembler(() => source),
    pending: null,
    learning: null,
    openStream: '',
    waited: 0,
    awaiting: [],
    sample: [],
    groups: options.withGroups ? new Int32Array(4096).fill(-1) : null,
  }
  return source
}

/** Notes the kind of a physical line; lines count from 1. */
export function setGroup(source: LogSource, line: number, kind: number): void {
  if (!source.groups) return
  if (line > source.groups.length) {
    const larger = new Int32Array(Math.max(line, source.groups.length * 2)).fill(-1)
    larger.set(source.groups)
    source.groups = larger
  }
  source.groups[line - 1] = kind
}

const decoder = new TextDecoder()
/** More of a line than this is never decoded. */
const MAX_DECODED = 64 * 1024

/** The text of a line, without its line break; NUL bytes become blanks, invalid UTF-8 the replacement character. */
export function decodeLine(source: LogSource, start: number, end: number): string {
  let stop = end
  while (stop > start && source.buffer[stop - 1] === 13) stop--
  const text = decoder.decode(source.buffer.subarray(start, Math.min(stop, start + MAX_DECODED)))
  return text.includes('\0') ? text.replaceAll('\0', ' ') : text
}

const UNREADABLE: ParsedLine = {
  timestamp: null,
  severityText: '',
  message: '',
  messageStart: 0,
  stream: '',
  service: null,
  request: null,
  fields: null,
  partial: false,
  headed: false,
}

/** Takes a line apart with the source's format; a blank line has no header and says nothing. */
export function parseLine(source: LogSource, text: string, context: ParseContext): ParsedLine {
  return source.format?.parse(text, context) ?? { ...UNREADABLE, message: text }
}
