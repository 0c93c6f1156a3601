import type { EpochMs } from '../../time.ts'
import type { ExceptionChain } from '../exception.ts'
import { countLine, isErrorClass, uncountLine, type LineKind } from '../lines/line-kinds.ts'
import {
  decodeLine,
  parseLine,
  type LearnedRun,
  type LogSource,
  type RunLine,
  type ShapeEntry,
} from '../lines/log-source.ts'
import type { ParseContext, ParsedLine } from '../lines/parsed-line.ts'
import type { TraceBlock, TraceLine } from './trace-assembler.ts'
import type { TraceStrangers } from './trace-strangers.ts'
import type { WindowCounts } from '../lines/window-counts.ts'

/**
 * Stack traces repeat. A run of lines that may be one is hashed as it comes; a run that was met before counts without
 * being decoded, only a new one goes through the assembler.
 *
 *   ERROR Exception on /checkout      ← the line before, perhaps the trace's first
 *   Traceback (most recent call last):   ┐
 *     File "/app/cart.py", line 20, …    ├ run → hash → known? count it : assemble it, remember the outcome
 *   KeyError: 'sku-17'                   ┘
 *   INFO next request                 ← ends the run
 */
type RunOutcome = {
  readonly blocks: readonly { readonly kind: LineKind; readonly offsets: readonly number[] }[]
  /** Offsets of lines that are part of no exception. */
  readonly rest: readonly number[]
}

export type TraceRunsDeps = {
  readonly context: ParseContext
  readonly windows: WindowCounts
  readonly strangers: TraceStrangers
  /** The kind of an exception, made when it is new. */
  kindOf(
    chain: ExceptionChain,
    seen: { source: LogSource; block: TraceBlock; carrier: LineKind | null },
  ): LineKind
  setGroup(source: LogSource, line: number, kind: LineKind): void
}

type Runs = { readonly known: Map<number, RunOutcome>; readonly deps: TraceRunsDeps }

export type TraceRuns = {
  /** Adds a line to the source's run, opening one where none is. */
  add(source: LogSource, line: RunLine, hash: { lane1: number; lane2: number }): void
  /** Ends the source's run: what it was is counted. */
  close(source: LogSource): void
  /** While the assembler waits for more, it is told of every line. */
  tell(source: LogSource, line: RunLine): void
  /** The assembler found an exception. */
  found(source: LogSource, block: TraceBlock): void
  /** Nothing more comes. */
  finish(source: LogSource): void
}

const MAX_RUN_LINES = 1000
const MAX_RUN_BYTES = 256 * 1024
/** Lines without news after which an open trace is given up. */
const MAX_WAITING = 64
const MAX_PENDING = 5000
const MAX_KNOWN_RUNS = 50_000
/** A shape that was asked so often and never was part of a trace is an ordinary line. */
const MAX_STRANGER_TIMES = 3

export function createTraceRuns(deps: TraceRunsDeps): TraceRuns {
  const runs: Runs = { known: new Map(), deps }
  return {
    tell: (source, line) => {
      tellAssembler(source, line, deps)
      settleIfDone(source, runs)
    },
    add(source, line, { lane1, lane2 }) {
      const { run } = source
      const isFull = run.length >= MAX_RUN_LINES || (run[0] && line.end - run[0].start > MAX_RUN_BYTES)
      if (isFull) closeRun(source, runs)
      if (source.pending) {
        countRunLine(source, line, deps)
        return this.tell(source, line)
      }
      source.runHash = Math.imul(source.runHash ^ lane1, 0x01_00_01_93)
      source.runHash2 = Math.imul(source.runHash2 ^ lane2 ^ lane1, 0x5b_d1_e9_95)
      source.run.push(line)
    },
    close: (source) => closeRun(source, runs),
    found(source, block) {
      const kind = countBlock(source, block, deps)
      source.learning?.blocks.push({ kind, lines: block.lines })
    },
    finish(source) {
      closeRun(source, runs)
      source.assembler.flush()
      settle(source, runs)
    },
  }
}

function closeRun(source: LogSource, { known, deps }: Runs): void {
  const { run } = source
  if (run.length === 0) return
  const key = keyOf(source)
  const outcome = known.get(key)
  if (outcome === undefined) learnRun(source, key, deps)
  else applyOutcome(source, outcome, deps)
  keepLast(source, run)
  source.run = []
  source.runHash = 17
  source.runHash2 = 31
  settleIfDone(source, { known, deps })
}

/** An error right above may be part of what the run is: the same lines below another record are another run. */
function keyOf({ run, runHash, runHash2, last }: LogSource): number {
  const isBelowError = last.number === (run[0]?.number ?? 0) - 1 && isErrorClass(last.entry?.kind)
  return ((isBelowError ? ~runHash : runHash) >>> 0) * 0x20_00_00 + (runHash2 >>> 11)
}

/** A run that was never met: its lines go through the assembler, with the record above them. */
function learnRun(source: LogSource, key: number, deps: TraceRunsDeps): void {
  const { run, last: before } = source
  const first = run[0]?.number ?? 0
  source.learning = { key, first, last: run.at(-1)?.number ?? first, blocks: [] }
  source.pending ??= new Map()
  if (before.number === first - 1 && before.entry) {
    const { entry, number, time } = before
    source.pending.set(number, { kind: entry.kind, time, entry })
    const parsed = parseLine(source, decodeLine(source, before.start, before.end), deps.context)
    source.openStream = parsed.stream
    source.assembler.boundary(parsed.stream, traceLineOf(number, parsed))
  }
  for (const line of run) {
    countRunLine(source, line, deps)
    tellAssembler(source, line, deps)
  }
}

function tellAssembler(source: LogSource, line: RunLine, deps: TraceRunsDeps): void {
  const { entry, number, time } = line
  source.pending ??= new Map()
  source.pending.set(number, { kind: entry?.kind ?? null, time, entry })
  const parsed = parseLine(source, decodeLine(source, line.start, line.end), deps.context)
  const stream = feed(source, line, parsed)
  if (stream !== null) source.openStream = stream
  source.waited = stream === null ? source.waited + 1 : 0
  if (source.waited > MAX_WAITING || source.pending.size > MAX_PENDING) source.assembler.flush()
}

/** Once nothing is open any more, what was learned is kept, and lines are only counted again. */
function settleIfDone(source: LogSource, { known, deps }: Runs): void {
  if (source.pending && source.assembler.openCount === 0) settle(source, { known, deps })
}

function settle(source: LogSource, { known, deps }: Runs): void {
  if (source.learning) {
    remember(known, source.learning)
    unlearnStrangers(source, deps.strangers)
  }
  source.learning = null
  source.waited = 0
  source.openStream = ''
  source.pending = null
}

/** Gives a line to the assembler; its stream when it may be part of a trace, null when it is an ordinary line. */
function feed(source: LogSource, line: RunLine, parsed: ParsedLine): string | null {
  const { number } = line
  const stream = parsed.headed ? parsed.stream : source.openStream
  const mayBelong = line.entry === null || line.entry.mayBelongToTrace || !parsed.headed
  if (mayBelong || source.assembler.isOpen(stream)) {
    source.assembler.push({ ...traceLineOf(number, parsed), stream })
    return mayBelong ? stream : null
  }
  source.assembler.boundary(stream, traceLineOf(number, parsed))
  return null
}

function traceLineOf(
  number: number,
  { message, headed, severityText }: ParsedLine,
): Omit<TraceLine, 'stream'> {
  return { number, text: message, headed, severityText }
}

function countRunLine(source: LogSource, line: RunLine, deps: TraceRunsDeps): void {
  const kind = line.entry?.kind ?? null
  if (kind) countLine(kind, line.time, deps.windows)
  const group = kind ?? source.head?.kind
  if (group) deps.setGroup(source, line.number, group)
}

/** Counts an exception, and takes back the lines that it consists of. */
function countBlock(source: LogSource, block: TraceBlock, deps: TraceRunsDeps): LineKind {
  let time: EpochMs = Number.NaN
  let carrier: LineKind | null = null
  for (const number of block.lines) {
    const line = source.pending?.get(number)
    if (line?.kind && line.kind.exception === null) carrier ??= line.kind
    if (line && Number.isNaN(time)) time = line.time
    if (line?.kind) uncountLine(line.kind, line.time, deps.windows)
    if (line?.entry) clearStranger(line.entry, deps.strangers)
    source.pending?.delete(number)
  }
  const kind = deps.kindOf(block.chain, { source, block, carrier })
  countLine(kind, Number.isNaN(time) ? source.lastTime : time, deps.windows)
  for (const number of block.lines) deps.setGroup(source, number, kind)
  return kind
}

/** What a run was is the same whenever it comes again, if nothing beyond it took part. */
function remember(known: Map<number, RunOutcome>, { key, first, last, blocks }: LearnedRun): void {
  const isWithin = blocks.every(({ lines }) => lines.every((line) => line >= first - 1 && line <= last))
  if (!isWithin) return
  if (known.size >= MAX_KNOWN_RUNS) known.clear()
  const taken = new Set(blocks.flatMap(({ lines }) => lines))
  const rest: number[] = []
  for (let line = first; line <= last; line++) if (!taken.has(line)) rest.push(line - first)
  const relative = blocks.map(({ kind, lines }) => ({ kind, offsets: lines.map((line) => line - first) }))
  known.set(key, { blocks: relative, rest })
}

function applyOutcome(source: LogSource, outcome: RunOutcome, deps: TraceRunsDeps): void {
  const { run, last } = source
  for (const { kind, offsets } of outcome.blocks) {
    const head = (offsets[0] ?? 0) < 0 ? last : run[offsets[0] ?? 0]
    countLine(kind, head === undefined || Number.isNaN(head.time) ? source.lastTime : head.time, deps.windows)
    for (const offset of offsets) {
      if (offset >= 0) deps.setGroup(source, run[offset]?.number ?? 0, kind)
      else if (last.entry) {
        uncountLine(last.entry.kind, last.time, deps.windows)
        deps.setGroup(source, last.number, kind)
      }
    }
  }
  for (const offset of outcome.rest) {
    const line = run[offset]
    if (line) countRunLine(source, line, deps)
  }
}

/** Lines that look like part of a trace and never are (`Retrying: …`) need not be asked again. */
function unlearnStrangers(source: LogSource, strangers: TraceStrangers): void {
  for (const { entry } of source.pending?.values() ?? []) {
    if (!entry?.mayBelongToTrace) continue
    strangers.note(messageOf(entry.kind))
    entry.strangerTimes++
    if (entry.strangerTimes >= MAX_STRANGER_TIMES) entry.mayBelongToTrace = false
  }
}

function clearStranger(entry: ShapeEntry, strangers: TraceStrangers): void {
  entry.strangerTimes = Number.NEGATIVE_INFINITY
  if (entry.mayBelongToTrace) strangers.clear(messageOf(entry.kind))
}

function messageOf({ text, messageStart }: LineKind): string {
  return text.slice(messageStart, messageStart + 80)
}

function keepLast(source: LogSource, run: readonly RunLine[]): void {
  const line = run.findLast((one) => one.entry !== null)
  if (!line) return
  Object.assign(source.last, {
    number: line.number,
    start: line.start,
    end: line.end,
    entry: line.entry,
    time: line.time,
  })
}
