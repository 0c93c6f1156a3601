import type { ExceptionChain } from './exception.ts'
import { parseTraceLines, traceLanguages, unfoldTrace } from './exceptions/parse-trace.ts'
import type { TraceLanguage, TraceState } from './exceptions/trace-language.ts'
import { matchEmbeddedHead, matchHead } from './exceptions/trace-language.ts'
import { classifyFrames } from './in-app.ts'

export { mayBelongToTrace, mayBelongToTraceBytes } from './exceptions/may-belong.ts'

/** One physical line, its header removed where one was recognised. */
export type TraceLine = {
  readonly number: number
  readonly text: string
  /** Tells interleaved writers apart; '' where that is not known. */
  readonly stream: string
  /** The line has a header of its own (time, level, program): it is a record, not the continuation of one. */
  readonly headed?: boolean
}

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
  /** Does a trace, or what may become one, wait for more lines of this stream? */
  isOpen(stream: string): boolean
  /** The number of streams for which `isOpen` holds; 0 almost always. */
  readonly openCount: number
  /** The input is complete. */
  flush(): void
}

const MAX_LINES = 1000
const MAX_CHARACTERS = 256 * 1024
const MAX_STREAMS = 256
/** Lines that may stand between the line with the exception and the first frame (a message of many lines). */
const MAX_RECENT = 12
const MAX_TENTATIVE = 40
const MAX_REST = 8

/** How many lines of other writers on the same stream a trace survives, by how much it lacks. */
const PATIENCE: Readonly<Record<TraceState, number>> = {
  message: 8,
  frames: 3,
  unfinished: 16,
  linked: 8,
  ended: 0,
}

type Candidate = { readonly language: TraceLanguage; state: TraceState }

type Block = {
  candidates: Candidate[]
  readonly lines: TraceLine[]
  /** Lines that belong only if something surer follows. */
  tentative: TraceLine[]
  characters: number
  strangers: number
  /** Lines taken as the rest of a message that stands last. */
  rest: number
}

type Stream = {
  block: Block | null
  recent: TraceLine[]
  carrier: TraceLine | null
  strangers: number
  /** Some line had a header: where none has, a message may go on over lines that look like nothing. */
  hasRecords: boolean
}

function openers(text: string): Candidate[] {
  return traceLanguages.flatMap((language) => {
    const state = language.opens(text)
    return state === null ? [] : [{ language, state }]
  })
}

/** Puts the lines of stack traces together as a log brings them, one or many writers at a time. Memory is bounded. */
export function createTraceAssembler(options: { onTrace: (block: TraceBlock) => void }): TraceAssembler {
  const streams = new Map<string, Stream>()

  const streamOf = (name: string): Stream => {
    const known = streams.get(name)
    if (known) return known
    const oldest = streams.size >= MAX_STREAMS ? streams.keys().next().value : undefined
    if (oldest !== undefined) close(oldest)
    const fresh: Stream = { block: null, recent: [], carrier: null, strangers: 0, hasRecords: false }
    streams.set(name, fresh)
    return fresh
  }

  const emit = (lines: readonly TraceLine[], stream: string): boolean => {
    const only = lines.length === 1 ? lines[0] : undefined
    const texts = only ? unfoldTrace(only.text).split('\n') : lines.map((line) => line.text)
    const chain = parseTraceLines(texts)
    if (chain === null) return false
    const numbers = lines.map((line) => line.number)
    options.onTrace({ chain: classifyFrames(chain), lines: numbers, text: texts.join('\n'), stream })
    return true
  }

  const finish = (stream: Stream, name: string): void => {
    const block = stream.block
    stream.block = null
    stream.recent = []
    if (block) emit(block.lines, name)
  }

  const close = (name: string): void => {
    const stream = streams.get(name)
    if (stream) finish(stream, name)
    streams.delete(name)
  }

  return {
    get openCount() {
      let count = 0
      for (const stream of streams.values()) if (isWaiting(stream)) count += 1
      return count
    },
    isOpen(name) {
      const stream = streams.get(name)
      return stream !== undefined && isWaiting(stream)
    },
    boundary(name, line) {
      const stream = streams.get(name)
      if (stream === undefined && line === undefined) return
      const target = stream ?? streamOf(name)
      target.hasRecords = true
      meetStranger(target, () => finish(target, name))
      target.carrier = line === undefined ? null : { ...line, stream: name }
    },
    push(line) {
      const stream = streamOf(line.stream)
      if (holdsWholeTrace(line.text) && emit([line], line.stream)) {
        meetStranger(stream, () => finish(stream, line.stream))
        return
      }
      take(stream, line, () => finish(stream, line.stream))
    },
    flush() {
      for (const name of Array.from(streams.keys())) close(name)
    },
  }
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
function meetStranger(stream: Stream, finish: () => void): void {
  const block = stream.block
  if (block === null) {
    // What looked like the name of an exception may still be one: its frames can come after another writer's line.
    stream.recent = stream.recent.filter((line) => stream.strangers < PATIENCE.frames && isNamed(line))
    stream.strangers += 1
    return
  }
  block.strangers += 1
  if (!block.candidates.some(({ state }) => state === 'message')) block.tentative = []
  const patience = Math.max(...block.candidates.map((candidate) => PATIENCE[candidate.state]))
  if (block.strangers > patience) finish()
}

function isNamed(line: TraceLine): boolean {
  const head = matchHead(line.text.trim())
  return head !== null && /(?:Error|Exception|Throwable|Fault)$/.test(head.type)
}

function take(stream: Stream, line: TraceLine, finish: () => void): void {
  stream.hasRecords ||= line.headed === true
  const opening = openers(line.text)
  if (stream.block !== null) {
    if (extend(stream.block, line, { opens: opening.length > 0, hasRecords: stream.hasRecords })) return
    if (opening.length === 0 && !startsAnew(stream, line) && survives(stream.block, line)) return
    finish()
  }
  if (opening.length > 0) open(stream, line, opening)
  else if (!openWithFrame(stream, line)) remember(stream, line)
}

/** Unknown text without a header of its own inside an unfinished trace: another writer's line, skipped. */
function survives(block: Block, line: TraceLine): boolean {
  if (line.text.trim() === '') return true
  const unfinished = block.candidates.some((candidate) => candidate.state === 'unfinished')
  if (!unfinished) return false
  block.strangers += 1
  return block.strangers <= PATIENCE.unfinished
}

/** A frame of a language that the open block is not in, with its head just above: another trace. */
function startsAnew(stream: Stream, line: TraceLine): boolean {
  const block = stream.block
  return traceLanguages.some(
    (language) =>
      language.isFrame(line.text) &&
      block !== null &&
      !block.candidates.some((one) => one.language === language),
  )
}

/**
 * A line that could open a trace of its own goes on with this one only where it stands right below: Ruby prints a cause
 * as it prints any exception. Where a `Caused by` or the like came before, more may lie between.
 */
function isDetached(block: Block, line: TraceLine): boolean {
  const last = block.tentative.at(-1) ?? block.lines.at(-1)
  const apart = block.strangers > 0 || (last !== undefined && line.number > last.number + 1)
  return apart && !block.candidates.some(({ state }) => state === 'linked' || state === 'message')
}

/** True when the line belongs to the block, surely or perhaps. */
function extend(block: Block, line: TraceLine, around: { opens: boolean; hasRecords: boolean }): boolean {
  if (around.opens && isDetached(block, line)) return false
  const sure: Candidate[] = []
  const perhaps: Candidate[] = []
  for (const candidate of block.candidates) {
    const next = candidate.language.follows(line.text, candidate.state)
    if (next === 'maybe') perhaps.push(candidate)
    else if (next !== null) sure.push({ language: candidate.language, state: next })
  }
  if (sure.length > 0) {
    block.candidates = sure
    keep(block, line)
    block.strangers = 0
    return true
  }
  if (around.opens) return false
  if (perhaps.length === 0) return isRestOfMessage(block, line, around.hasRecords)
  if (block.tentative.length >= MAX_TENTATIVE) return false
  // A record of its own is no second line of a message, unless the whole trace came as records (syslog).
  const records = block.lines.at(-1)?.headed === true
  if (line.headed === true && !records && line.text.trim() !== '') return false
  block.tentative.push(line)
  return true
}

/** Adds what was held back and the line. A block that is full goes on without them: its end must still be found. */
function keep(block: Block, line: TraceLine): void {
  for (const one of [...block.tentative, line]) {
    if (block.lines.length >= MAX_LINES || block.characters >= MAX_CHARACTERS) break
    block.lines.push(one)
    block.characters += one.text.length
  }
  block.tentative = []
}

/** Python prints the message last: below it, what has no header of its own goes on with the record, or the file. */
function isRestOfMessage(block: Block, line: TraceLine, hasRecords: boolean): boolean {
  const [first] = block.lines
  const isOpenEnded = block.candidates.some(
    ({ language, state }) => language.name === 'python' && state === 'ended',
  )
  if (!isOpenEnded || line.headed === true || (first?.headed !== true && hasRecords)) return false
  if (block.strangers > 0 || block.rest >= MAX_REST) return false
  block.rest += 1
  keep(block, line)
  return true
}

function open(stream: Stream, line: TraceLine, candidates: Candidate[]): void {
  const above = line.headed === true ? [] : carrierLines(stream)
  const lines = [...above, line]
  const characters = lines.reduce((sum, one) => sum + one.text.length, 0)
  stream.block = { candidates, lines, tentative: [], characters, strangers: 0, rest: 0 }
  stream.recent = []
  stream.carrier = null
}

/** The log line above that a trace without a header belongs to. */
function carrierLines(stream: Stream): TraceLine[] {
  const last = stream.recent.findLast((line) => line.headed === true)
  if (last) return stream.recent.slice(stream.recent.indexOf(last))
  return stream.carrier === null ? [] : [stream.carrier]
}

/** A frame with no announcement: the exception stands above it, directly or with the rest of its message between. */
function openWithFrame(stream: Stream, line: TraceLine): boolean {
  const languages = traceLanguages.filter((language) => language.isFrame(line.text))
  if (languages.length === 0) return false
  const head = headAbove(stream.recent, languages)
  const from = head < 0 ? Math.max(0, stream.recent.length - 1) : head
  const above = stream.recent.slice(from)
  const before = { ...stream, recent: stream.recent.slice(0, from) }
  const named = (text: string) => languages.some((language) => language.isHead(text))
  const carrier =
    isCarried(before, above, line) || isHeadless(before, above, named) ? carrierLines(before) : []
  const lines = [...carrier, ...above, line]
  const candidates = languages.flatMap((language): Candidate[] => {
    const state = language.follows(line.text, 'message')
    return state === null || state === 'maybe' ? [] : [{ language, state }]
  })
  if (candidates.length === 0) return false
  const characters = lines.reduce((sum, one) => sum + one.text.length, 0)
  stream.block = { candidates, lines, tentative: [], characters, strangers: 0, rest: 0 }
  stream.recent = []
  stream.carrier = null
  return true
}

/** The line that names the exception; not one that leads on from it (`Caused by`, ` --->`, `Stack trace:`). */
function headAbove(recent: readonly TraceLine[], languages: readonly TraceLanguage[]): number {
  const names = (one: TraceLine) => languages.some((language) => language.isHead(one.text))
  const leadsOn = (one: TraceLine) =>
    languages.some((language) => language.follows(one.text, 'frames') !== null)
  const first = recent.findLastIndex((one) => names(one) && !leadsOn(one))
  return first >= 0 ? first : recent.findLastIndex(names)
}

/** A trace without a header of its own belongs to the log line above it. */
function isCarried(stream: Stream, above: readonly TraceLine[], line: TraceLine): boolean {
  return line.headed !== true && !above.some((one) => one.headed === true) && carrierLines(stream).length > 0
}

/** Nothing names the exception but the log line above: `checkout failed TypeError: x`, then frames. */
function isHeadless(stream: Stream, above: readonly TraceLine[], names: (text: string) => boolean): boolean {
  const text = stream.carrier?.text
  return above.length === 0 && text !== undefined && (names(text) || matchEmbeddedHead(text) !== null)
}

function remember(stream: Stream, line: TraceLine): void {
  stream.recent.push(line)
  stream.strangers = 0
  if (stream.recent.length > MAX_RECENT) stream.recent.shift()
}
