import type { EpochMs } from '../../time.ts'
import { mayBelongToTrace, createTraceAssembler } from '../exceptions/trace-assembler.ts'
import type { TraceAssembler, TraceBlock } from '../exceptions/trace-assembler.ts'
import type { ExceptionChain } from '../exception.ts'
import type { ParsedLine } from '../lines/parsed-line.ts'

/** One line as it was read. */
export type ReadLine = {
  /** Bytes of the file before it. */
  readonly start: number
  readonly parsed: ParsedLine
}

/** One record: a line, with what goes on below it. */
export type LineRecord = ReadLine & {
  /** The lines below, without their headers. */
  readonly more: readonly string[]
  /** The exception that the lines are; null where they are none. */
  readonly chain: ExceptionChain | null
}

/** Puts the lines of a file together to records, as they come. */
export type RecordLines = {
  readonly push: (line: ReadLine) => void
  /** No line came for a while: what was held back for more is complete. */
  readonly flush: () => void
  /** The records that are complete, oldest first; each is given once. */
  readonly take: () => readonly LineRecord[]
  /** Where the oldest line stands that no record was taken of; null where there is none. */
  readonly openFrom: () => number | null
}

type Held = ReadLine & { readonly number: number; readonly more: string[]; chain: ExceptionChain | null }

/** A trace that says nothing for so many lines is over. */
const MAX_WAITING = 64
const MAX_HELD = 2_000
/** Of one record: what follows is a record of its own. */
const MAX_MORE = 1_000

/**
 * Joins what belongs together: indented lines with the record above them, stack traces with the line that reports
 * them, also where each of their lines has a header of its own or other writers' lines stand between.
 *
 *   ordinary line ─► held back until the next one shows that it is complete ─► record
 *   may be of a trace ─► assembler, with all that follows until it knows ─► one record for the trace, one for each other
 *
 * A line that tells of a request is complete by itself, and is not held back.
 */
export function createRecordLines(): RecordLines {
  const state: State = {
    done: [],
    last: null,
    held: new Map(),
    blocks: new Map(),
    lines: 0,
    openStream: '',
    waited: 0,
  }
  const assembler = createTraceAssembler({ onTrace: (block) => keepBlock(state, block) })
  return {
    push: (line) => pushLine(state, assembler, line),
    flush() {
      assembler.flush()
      settle(state)
      finishLast(state)
    },
    take() {
      const { done } = state
      state.done = []
      return done
    },
    openFrom: () => openFrom(state),
  }
}

type State = {
  done: LineRecord[]
  /** The newest record, as long as lines may go on with it. */
  last: Held | null
  /** Lines by number, while the assembler may want them. */
  readonly held: Map<number, Held>
  /** Line number → the trace that it belongs to. */
  readonly blocks: Map<number, TraceBlock>
  lines: number
  openStream: string
  waited: number
}

function pushLine(state: State, assembler: TraceAssembler, line: ReadLine): void {
  const held: Held = { ...line, number: ++state.lines, more: [], chain: null }
  const mayTrace = mayBeTrace(line.parsed)
  if (state.held.size === 0) {
    if (!mayTrace) return pushOrdinary(state, held)
    if (state.last !== null) {
      state.held.set(state.last.number, state.last)
      state.openStream = state.last.parsed.stream
      // What was only printed reports nothing: it is no part of the trace below it.
      const reports = state.last.parsed.headed ? traceLineOf(state.last) : undefined
      assembler.boundary(state.last.parsed.stream, reports)
      state.last = null
    }
  }
  pushHeld(state, assembler, { held, mayTrace })
}

function pushOrdinary(state: State, line: Held): void {
  const { last } = state
  if (last !== null && goesOn(line.parsed) && last.more.length < MAX_MORE) {
    last.more.push(line.parsed.message)
    return
  }
  finishLast(state)
  if (line.parsed.request === null) state.last = line
  else state.done.push(line)
}

function pushHeld(
  state: State,
  assembler: TraceAssembler,
  { held, mayTrace }: { readonly held: Held; readonly mayTrace: boolean },
): void {
  const { parsed, number } = held
  state.held.set(number, held)
  const stream = parsed.headed ? parsed.stream : state.openStream
  state.waited = mayTrace ? 0 : state.waited + 1
  if (mayTrace) state.openStream = stream
  if (mayTrace || !parsed.headed || assembler.isOpen(stream)) assembler.push({ ...traceLineOf(held), stream })
  else assembler.boundary(stream, traceLineOf(held))
  if (state.waited > MAX_WAITING || state.held.size > MAX_HELD) assembler.flush()
  if (assembler.openCount === 0) settle(state)
}

function keepBlock(state: State, block: TraceBlock): void {
  for (const number of block.lines) state.blocks.set(number, block)
}

/** Nothing is open any more: each trace becomes one record, each other line its own. */
function settle(state: State): void {
  const heads = new Map<TraceBlock, Held>()
  for (const line of state.held.values()) {
    const block = state.blocks.get(line.number)
    const head = block === undefined ? undefined : heads.get(block)
    if (head !== undefined) head.more.push(line.parsed.message, ...line.more)
    else if (block === undefined) pushOrdinary(state, line)
    else {
      line.chain = block.chain
      heads.set(block, line)
      finishLast(state)
      state.last = line
    }
  }
  state.held.clear()
  state.blocks.clear()
  state.waited = 0
}

function finishLast(state: State): void {
  if (state.last !== null) state.done.push(state.last)
  state.last = null
}

function openFrom({ last, held, done }: State): number | null {
  const starts = [last, done[0], held.values().next().value].flatMap((line) => line?.start ?? [])
  return starts.length === 0 ? null : Math.min(...starts)
}

function traceLineOf({ number, parsed }: Held): {
  readonly number: number
  readonly text: string
  readonly headed: boolean
  readonly severityText: ParsedLine['severityText']
} {
  return { number, text: parsed.message, headed: parsed.headed, severityText: parsed.severityText }
}

/** An indented or blank line without a header goes on with the record above. */
function goesOn({ headed, message }: ParsedLine): boolean {
  if (headed) return false
  const first = message.charCodeAt(0)
  return first === 32 || first === 9 || message.trim() === ''
}

const QUIET: ReadonlySet<string> = new Set(['INFO', 'DEBUG', 'TRACE'])

/** May this line be part of a stack trace? What is reported as information is none. */
function mayBeTrace({ headed, message, request, severityText, fields }: ParsedLine): boolean {
  if (request !== null || fields !== null || (headed && QUIET.has(severityText))) return false
  return mayBelongToTrace(message) || message.includes('#012') || message.includes('\\n')
}

/** The time of a record: its own, else of the record before it, else when it was read. */
export function timeOfRecord(
  { parsed }: ReadLine,
  known: { readonly before: EpochMs | null; readonly observedAt: EpochMs },
): EpochMs {
  return parsed.timestamp ?? known.before ?? known.observedAt
}
