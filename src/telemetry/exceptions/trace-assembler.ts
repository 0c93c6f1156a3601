import type { ExceptionChain } from '../exception.ts'
import { parseTraceLines, unfoldTrace } from './parse-trace.ts'
import { matchEmbeddedHead, matchHead } from './trace-language.ts'
import { classifyFrames } from './in-app.ts'
import { isErrorClass } from '../lines/line-kinds.ts'
import { carriersOf, linesAbove, trailingBlanks } from './trace-announcement.ts'
import {
  extend,
  frameCandidates,
  isForeignFrame,
  openBlock,
  openers,
  outlivesStranger,
  survives,
  type Block,
  type Candidate,
  type TraceLine,
} from './trace-block.ts'

export { mayBelongToTrace, mayBelongToTraceBytes } from './may-belong.ts'
export type { TraceLine } from './trace-block.ts'

/** One exception as it stood in the log. */
export type TraceBlock = {
  readonly chain: ExceptionChain
  /** Physical lines, in order, with the log line that carries the trace. Lines of other writers are not among them. */
  readonly lines: readonly number[]
  readonly text: string
  readonly stream: string
}

export type TraceAssembler = {
  /** A line that may belong to a trace. While `isOpen(stream)`, every line of the stream should be pushed. */
  push(line: TraceLine): void
  /**
   * An ordinary log line came on the stream: what follows is not its predecessor's. Given the line, a trace that
   * follows without a header counts it as its first (`ERROR Unhandled exception`, then `Traceback …`).
   */
  boundary(stream: string, line?: Omit<TraceLine, 'stream'>): void
  /** Is a trace open on this stream? What only may become one need not see ordinary lines. */
  isOpen(stream: string): boolean
  /** The number of streams with a trace, or with what may become one; 0 almost always. */
  readonly openCount: number
  /** The input is complete. */
  flush(): void
}

const MAX_STREAMS = 256
/** Lines that may stand between the line with the exception and the first frame (a message of many lines). */
const MAX_RECENT = 12
/** Lines of other writers that may stand between `TypeError: x` and its first frame. */
const MAX_STRANGERS = 3

type Stream = {
  readonly name: string
  block: Block | null
  /** Lines that opened nothing: one of them may turn out to name the exception above frames. */
  recent: TraceLine[]
  /** The ordinary log line before. */
  carrier: TraceLine | null
  strangers: number
  /** Some line had a header: where none has, a message may go on over lines that look like nothing. */
  hasRecords: boolean
}

type Emit = (lines: readonly TraceLine[], stream: string) => boolean

/** Puts the lines of stack traces together as a log brings them, one or many writers at a time. Memory is bounded. */
export function createTraceAssembler(options: { onTrace: (block: TraceBlock) => void }): TraceAssembler {
  const streams = new Map<string, Stream>()
  const emit: Emit = (lines, stream) => emitBlock(lines, stream, options.onTrace)
  const streamOf = (name: string): Stream => {
    const known = streams.get(name)
    if (known) return known
    const oldest = streams.size >= MAX_STREAMS ? streams.values().next().value : undefined
    if (oldest) {
      finish(oldest, emit)
      streams.delete(oldest.name)
    }
    const fresh = { name, block: null, recent: [], carrier: null, strangers: 0, hasRecords: false }
    streams.set(name, fresh)
    return fresh
  }
  return {
    get openCount() {
      let count = 0
      for (const stream of streams.values()) if (isWaiting(stream)) count += 1
      return count
    },
    isOpen(name) {
      const stream = streams.get(name)
      return stream !== undefined && stream.block !== null
    },
    boundary(name, line) {
      const stream = streamOf(name)
      stream.hasRecords = true
      if (line && mayGoOn(stream, line)) return remember(stream, { ...line, stream: name })
      meetStranger(stream, emit)
      stream.carrier = line === undefined ? null : { ...line, stream: name }
    },
    push(line) {
      const stream = streamOf(line.stream)
      if (holdsWholeTrace(line.text) && emit([line], line.stream)) meetStranger(stream, emit)
      else take(stream, line, emit)
    },
    flush() {
      for (const stream of streams.values()) finish(stream, emit)
      streams.clear()
    },
  }
}

function emitBlock(
  lines: readonly TraceLine[],
  stream: string,
  onTrace: (block: TraceBlock) => void,
): boolean {
  const only = lines.length === 1 ? lines[0] : undefined
  const texts = only ? unfoldTrace(only.text).split('\n') : lines.map((line) => line.text)
  const chain = parseTraceLines(texts)
  if (chain === null) return false
  const numbers = lines.map((line) => line.number)
  onTrace({ chain: classifyFrames(chain), lines: numbers, text: texts.join('\n'), stream })
  return true
}

function finish(stream: Stream, emit: Emit): void {
  const { block } = stream
  stream.block = null
  stream.recent = []
  if (block) emit(block.lines, stream.name)
}

function isWaiting(stream: Stream): boolean {
  return stream.block !== null || stream.recent.length > 0
}

/** A trace on one physical line: escaped line breaks, or a JSON string that held them. */
function holdsWholeTrace(text: string): boolean {
  return (
    text.includes('\n') ||
    text.includes('#012') ||
    (text.includes('\\n') && /\\n(?:\\t|\s*)(?:at |File |#\d|from )/.test(text))
  )
}

/** A line that is no part of any trace: the open one may go on after it, but not for long. */
function meetStranger(stream: Stream, emit: Emit): void {
  if (stream.block !== null) {
    if (!outlivesStranger(stream.block)) finish(stream, emit)
    return
  }
  if (stream.recent.length === 0) return
  // What looked like the name of an exception may still be one: its frames can come after another writer's line.
  stream.recent = stream.strangers < MAX_STRANGERS ? stream.recent.filter(isNamed) : []
  stream.strangers += 1
}

/**
 * Between an exception's name and its frames, a line of the same writer that names no other level may be the second
 * line of the message: behind syslog it is a record like any other.
 */
function mayGoOn({ name, block, recent }: Stream, line: Omit<TraceLine, 'stream'>): boolean {
  const { severityText = '' } = line
  const isOther = severityText !== '' && !isErrorClass({ severityText, exception: null })
  if (name === '' || block !== null || isOther) return false
  return recent.findLastIndex(isNamed) >= Math.max(0, recent.length - MAX_STRANGERS)
}

function isNamed(line: TraceLine): boolean {
  const head = matchHead(line.text.trim())
  return head !== null && /(?:Error|Exception|Throwable|Fault)$/.test(head.type)
}

function take(stream: Stream, line: TraceLine, emit: Emit): void {
  stream.hasRecords ||= line.headed === true
  const opening = openers(line.text)
  const { block } = stream
  if (block !== null) {
    if (extend(block, line, { opens: opening.length > 0, hasRecords: stream.hasRecords })) return
    if (opening.length === 0 && !isForeignFrame(block, line.text) && survives(block, line)) return
    finish(stream, emit)
  }
  if (opening.length > 0) open(stream, opening, [...linesAbove(line, stream), line])
  else if (!openWithFrame(stream, line)) remember(stream, line)
}

function open(stream: Stream, candidates: readonly Candidate[], lines: readonly TraceLine[]): void {
  stream.block = openBlock(candidates, lines)
  stream.recent = []
  stream.carrier = null
}

/** The log line above that a trace without a header belongs to, and blank lines below it. */
function carrierLines(stream: Stream): readonly TraceLine[] {
  return carriersOf(stream, trailingBlanks(stream.recent))
}

/** A frame with no announcement: the exception stands above it, directly or with the rest of its message between. */
function openWithFrame(stream: Stream, line: TraceLine): boolean {
  const candidates = frameCandidates(line.text)
  if (candidates.length === 0) return false
  const head = headAbove(stream.recent, candidates)
  const from = head < 0 ? Math.max(0, stream.recent.length - 1) : head
  const above = stream.recent.slice(from)
  const before = { ...stream, recent: stream.recent.slice(0, from) }
  const carried =
    isCarried(before, above, line) || (above.length === 0 && isNamedByCarrier(before, candidates))
  const first = above[0]?.number ?? line.number
  // An ordinary line that came between the exception's name and its frames carries nothing.
  const carriers = carried ? carrierLines(before).filter(({ number }) => number < first) : []
  open(stream, candidates, [...carriers, ...above, line])
  return true
}

/** The line that names the exception; not one that leads on from it (`Caused by`, ` --->`, `Stack trace:`). */
function headAbove(recent: readonly TraceLine[], candidates: readonly Candidate[]): number {
  const names = (one: TraceLine) => candidates.some(({ language }) => language.isHead(one.text))
  const leadsOn = (one: TraceLine) =>
    candidates.some(({ language }) => language.follows(one.text, 'frames') !== null)
  const first = recent.findLastIndex((one) => names(one) && !leadsOn(one))
  return first >= 0 ? first : recent.findLastIndex(names)
}

/** A trace without a header of its own belongs to the log line above it. */
function isCarried(stream: Stream, above: readonly TraceLine[], line: TraceLine): boolean {
  return line.headed !== true && !above.some((one) => one.headed === true) && carrierLines(stream).length > 0
}

/** Nothing names the exception but the log line above: `checkout failed TypeError: x`, then frames. */
function isNamedByCarrier(stream: Stream, candidates: readonly Candidate[]): boolean {
  const text = stream.carrier?.text
  if (text === undefined) return false
  return candidates.some(({ language }) => language.isHead(text)) || matchEmbeddedHead(text) !== null
}

function remember(stream: Stream, line: TraceLine): void {
  stream.recent.push(line)
  stream.strangers = 0
  if (stream.recent.length > MAX_RECENT) stream.recent.shift()
}
