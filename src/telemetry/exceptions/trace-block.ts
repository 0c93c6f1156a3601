import type { SeverityText } from '../fingerprint.ts'
import { traceLanguages } from './parse-trace.ts'
import { matchHead } from './trace-language.ts'
import type { TraceLanguage, TraceState } from './trace-language.ts'

/** One physical line, its header removed where one was recognised. */
export type TraceLine = {
  readonly number: number
  readonly text: string
  /** Tells interleaved writers apart; '' where that is not known. */
  readonly stream: string
  /** The line has a header of its own (time, level, program): it is a record, not the continuation of one. */
  readonly headed?: boolean
  /** As the line says, or as its beginning tells; '' where nothing does. */
  readonly severityText?: SeverityText
}

const MAX_LINES = 1000
const MAX_CHARACTERS = 256 * 1024
const MAX_TENTATIVE = 40
/** Records of their own among them: a message that came over syslog is rarely longer, other lines often are. */
const MAX_TENTATIVE_RECORDS = 4
const MAX_REST = 8
const MAX_BETWEEN = 4

/** How many lines of other writers on the same stream a trace survives, by how much it lacks. */
const PATIENCE: Readonly<Record<TraceState, number>> = {
  message: 8,
  frames: 3,
  unfinished: 16,
  linked: 8,
  ended: 2,
}

/** A language that the open trace may be in; the lines decide. */
export type Candidate = { readonly language: TraceLanguage; readonly state: TraceState }

/** A trace that is being put together. Bounded: 1,000 lines and 256 kB; what exceeds that is followed but not kept. */
export type Block = {
  candidates: readonly Candidate[]
  readonly lines: TraceLine[]
  /** Lines that belong only if something surer follows. */
  tentative: TraceLine[]
  characters: number
  /** Lines of other writers since the last one that belonged. */
  strangers: number
  /** Lines taken as the rest of a message that stands last. */
  rest: number
}

export function openBlock(candidates: readonly Candidate[], lines: readonly TraceLine[]): Block {
  const characters = lines.reduce((sum, line) => sum + line.text.length, 0)
  return { candidates, lines: [...lines], tentative: [], characters, strangers: 0, rest: 0 }
}

/** The languages in which this line announces a trace by itself. */
export function openers(text: string): Candidate[] {
  return traceLanguages.flatMap((language) => {
    const state = language.opens(text)
    return state === null ? [] : [{ language, state }]
  })
}

/** The languages of which this line is a frame, with the state that a trace is in after it. */
export function frameCandidates(text: string): Candidate[] {
  return traceLanguages.flatMap((language): Candidate[] => {
    const state = language.isFrame(text) ? language.follows(text, 'message') : null
    return state === null || state === 'maybe' ? [] : [{ language, state }]
  })
}

/** Counts a line that is no part of the trace. False when the trace must be taken for complete. */
export function outlivesStranger(block: Block): boolean {
  block.strangers += 1
  // A message may be interrupted; other lines that were held back stood next to the line that now did not come.
  if (!block.candidates.some(({ state }) => state === 'message')) block.tentative = []
  return block.strangers <= Math.max(...block.candidates.map(({ state }) => PATIENCE[state]))
}

/** Unknown text without a header of its own inside an unfinished trace: another writer's line, skipped. */
export function survives(block: Block, line: TraceLine): boolean {
  if (line.text.trim() === '') return true
  const unfinished = block.candidates.some((candidate) => candidate.state === 'unfinished')
  if (!unfinished) return false
  block.strangers += 1
  return block.strangers <= PATIENCE.unfinished
}

/** A frame of a language that the open block is not in, with its head just above: another trace. */
export function isForeignFrame(block: Block, text: string): boolean {
  const own = new Set(block.candidates.map((candidate) => candidate.language))
  return traceLanguages.some((language) => !own.has(language) && language.isFrame(text))
}

/**
 * A line that could open a trace of its own goes on with this one only where it stands right below: Ruby prints a cause
 * as it prints any exception. Where a `Caused by` or the like came before, more may lie between.
 */
function isDetached(block: Block, line: TraceLine): boolean {
  const last = block.tentative.at(-1) ?? block.lines.at(-1)
  // Where writers are told apart, a few lines between are another's; many are time that has passed.
  const near = line.stream === '' ? 1 : MAX_BETWEEN
  const apart = block.strangers > 0 || (last !== undefined && line.number > last.number + near)
  return apart && !block.candidates.some(({ state }) => state === 'linked' || state === 'message')
}

/** True when the line belongs to the block, surely or perhaps. */
export function extend(
  block: Block,
  line: TraceLine,
  around: { opens: boolean; hasRecords: boolean },
): boolean {
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
  const mayWait = records && block.tentative.length < MAX_TENTATIVE_RECORDS
  if (line.headed === true && !mayWait && line.text.trim() !== '') return false
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

/** The name of an exception, or a frame: of the trace after this one. */
function mayOpenNext(text: string): boolean {
  const type = matchHead(text)?.type ?? ''
  return /[.\\:]|(?:Error|Exception)$/.test(type) || traceLanguages.some((language) => language.isFrame(text))
}

/** Python prints the message last: below it, what has no header of its own goes on with the record, or the file. */
function isRestOfMessage(block: Block, line: TraceLine, hasRecords: boolean): boolean {
  const [first] = block.lines
  const isOpenEnded = block.candidates.some(
    ({ language, state }) => language.name === 'python' && state === 'ended',
  )
  if (!isOpenEnded || line.headed === true || (first?.headed !== true && hasRecords)) return false
  if (block.strangers > 0 || block.rest >= MAX_REST || mayOpenNext(line.text)) return false
  block.rest += 1
  keep(block, line)
  return true
}
