import type { Readable } from 'node:stream'
import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { LogDigest, LogDigester, LogDigesterOptions, LogFileSummary } from '../log-digest.ts'
import { createLogDigester } from '../lines/log-digester.ts'
import { recogniseFormat } from '../lines/recognise.ts'
import {
  createReadBuffers,
  createRecoder,
  decodedHead,
  openStream,
  readCompressed,
  readPlainFile,
  readStream,
} from './log-bytes.ts'
import type { ByteSink, ReadBuffers } from './log-bytes.ts'
import { joinerFor } from './json-document.ts'
import type { RecordJoiner } from './json-document.ts'
import { sniffContent } from './log-content.ts'
import { fileError, findLogInputs } from './log-inputs.ts'
import type { LogInput } from './log-inputs.ts'

export type ReadLogsDeps = {
  readonly now: () => EpochMs
  readonly onProgress?: (progress: { bytes: number; totalBytes: number; file: string }) => void
  /** Where `-` reads from. */
  readonly stdin?: Readable
}

export type ReadLogsOptions = Omit<LogDigesterOptions, 'now'> & { readonly signal?: AbortSignal }

/**
 * Reads files, folders and standard input (`-`) into one digest: plain, gzip or zstd, UTF-8 or UTF-16, oldest first
 * (with `withGroups`: in the order given). What is damaged is read as far as it goes, and a note says so. Refuses,
 * with what was expected and found, an input that is not there, is no log, or is empty when nothing else was given.
 */
export async function readLogs(
  deps: ReadLogsDeps,
  inputs: readonly string[],
  options: ReadLogsOptions,
): Promise<LogDigest> {
  const { signal, ...digesterOptions } = options
  const found = await findAll(inputs, options)
  const now = writtenUntil(found, deps.now())
  const digester = createLogDigester({ ...digesterOptions, now })
  const ordered = options.withGroups === true ? found : await oldestFirst(found, { ...options, now })
  const notes = new Map<string, string[]>()
  const totalBytes = ordered.reduce((sum, input) => sum + input.bytes, 0)
  const reading: Reading = {
    deps,
    digester,
    buffers: createReadBuffers(),
    notes,
    signal: signal ?? null,
    totalBytes,
    bytes: 0,
    taken: 0,
  }
  for (const input of ordered) await readInput(input, reading)
  if (reading.taken === 0) throw nothingRead(ordered, notes)
  return withNotes(digester.digest(), ordered, notes)
}

/** Clocks that were never set write years before this one. */
const FIRST_PLAUSIBLE_MS = Date.UTC(2005, 0, 1)

/**
 * No line is younger than the last change of the files: years and days that lines leave out are counted back from
 * there, so that a log of last December is not taken for one of this year.
 */
function writtenUntil(inputs: readonly LogInput[], now: EpochMs): EpochMs {
  const newest = Math.max(...inputs.map((input) => (input.isStream ? now : input.modifiedAt)))
  return newest < FIRST_PLAUSIBLE_MS || newest > now ? now : Math.ceil(newest)
}

type Reading = {
  readonly deps: ReadLogsDeps
  readonly digester: LogDigester
  readonly buffers: ReadBuffers
  readonly notes: Map<string, string[]>
  readonly signal: AbortSignal | null
  readonly totalBytes: number
  /** Of the files as they lie on disk. */
  bytes: number
  /** Of the text that came out of them. */
  taken: number
}

const STDIN: LogInput = {
  name: '-',
  path: '-',
  bytes: 0,
  modifiedAt: 0,
  content: { kind: 'text', encoding: 'utf-8' },
  isStream: true,
}

async function findAll(inputs: readonly string[], options: ReadLogsOptions): Promise<LogInput[]> {
  const found: LogInput[] = []
  const known = new Set<string>()
  for (const path of inputs) {
    const named = path === '-' ? [STDIN] : await findLogInputs(path)
    for (const input of named) {
      if (input.content.kind === 'binary') throw notALog(input.name, input.content.what)
      // A file that is named and also lies in a named folder counts once.
      if (!known.has(input.path) || options.withGroups === true) found.push(input)
      known.add(input.path)
    }
  }
  return found
}

function notALog(name: string, what: string): AppError {
  const unpack = what.includes('archive') ? `unpack it, or pipe it in: … | firebreak … -` : 'name a text log'
  const hint = what.includes('journal') ? 'export it: journalctl -o json --file FILE' : unpack
  return new AppError('INPUT_NOT_A_LOG', `expected a text log in ${name}, found ${what}`, { hint })
}

function nothingRead(inputs: readonly LogInput[], notes: ReadonlyMap<string, readonly string[]>): AppError {
  const damaged = inputs.find((input) => notes.has(input.name))
  if (damaged !== undefined) {
    const why = notes.get(damaged.name)?.join('; ') ?? ''
    return new AppError(
      'INPUT_UNREADABLE',
      `expected a log in ${damaged.name}, found nothing readable: ${why}`,
    )
  }
  const names = inputs.map((input) => (input.name === '-' ? 'standard input' : input.name)).join(', ')
  return new AppError('INPUT_EMPTY', `expected log lines in ${names}, found nothing: it is empty`, {
    hint: 'check that the program writes there, or name another file',
  })
}

/** By the first time in each; a file without one by when it was last written. `app.log.2.gz` comes before `app.log.1`. */
async function oldestFirst(
  inputs: readonly LogInput[],
  context: { timeZone?: string; now: EpochMs },
): Promise<LogInput[]> {
  if (inputs.length < 2) return [...inputs]
  const timed: { input: LogInput; at: EpochMs }[] = []
  for (let from = 0; from < inputs.length; from += LOOKED_AT_ONCE) {
    const some = inputs.slice(from, from + LOOKED_AT_ONCE)
    const times = await Promise.all(some.map((input) => firstTime(input, context)))
    timed.push(...some.map((input, at) => ({ input, at: times[at] ?? context.now })))
  }
  return timed
    .sort((a, b) => a.at - b.at || rotation(b.input.name) - rotation(a.input.name))
    .map(({ input }) => input)
}

/** Files whose first lines are read side by side. */
const LOOKED_AT_ONCE = 16

function rotation(name: string): number {
  return Number(/\.(\d{1,4})(?:\.(?:gz|zst))?$/.exec(name)?.[1] ?? 0)
}

async function firstTime(input: LogInput, context: { timeZone?: string; now: EpochMs }): Promise<EpochMs> {
  if (input.isStream) return context.now
  const lines = (await decodedHead(input).catch(() => '')).split(/\r?\n/, 50)
  const format = recogniseFormat(lines.slice(0, 20))
  for (const line of lines) {
    const parsed = format.parse(line, { timeZone: context.timeZone ?? 'UTC', now: context.now })
    if (parsed !== null && parsed.timestamp !== null) return parsed.timestamp
  }
  return input.modifiedAt
}

async function readInput(input: LogInput, reading: Reading): Promise<void> {
  const { digester, deps } = reading
  const recode = createRecoder(input.content.kind === 'text' ? input.content.encoding : 'utf-8')
  let join: RecordJoiner = (chunk) => chunk
  let first = true
  const sink: ByteSink = {
    signal: reading.signal,
    take: (chunk) => {
      const decoded = withoutZeros(recode(chunk))
      if (first) {
        if (input.isStream) refuseBinary(input, chunk)
        join = joinerFor(decoded)
      }
      first = false
      const text = join(decoded)
      reading.taken += text.length
      digester.write(input.name, text)
    },
    onRead: (bytes) => {
      reading.bytes += bytes
      deps.onProgress?.({ bytes: reading.bytes, totalBytes: reading.totalBytes, file: input.name })
    },
  }
  let isCut = false
  try {
    await readBytes(input, sink, reading)
  } catch (error) {
    reading.signal?.throwIfAborted()
    reading.notes.set(input.name, [damageNote(input, error)])
    isCut = true
  }
  if (!first) digester.end(input.name, { isCut })
}

/** The hole at the start of a truncated log, and zeros that a crash left, are no text. */
function withoutZeros(chunk: Uint8Array): Uint8Array {
  return chunk.includes(0) ? chunk.filter((byte) => byte !== 0) : chunk
}

async function readBytes(input: LogInput, sink: ByteSink, { deps, buffers }: Reading): Promise<void> {
  if (input.content.kind === 'compressed') return readCompressed(input.path, input.content.codec, sink)
  if (!input.isStream) return readPlainFile(input.path, sink, buffers)
  if (input.name !== '-') return readStream(openStream(input.path), sink)
  if (deps.stdin === undefined) throw new AppError('INPUT_UNREADABLE', 'expected standard input, found none')
  return readStream(deps.stdin, sink)
}

/** What comes through a pipe is seen only now. */
function refuseBinary(input: LogInput, chunk: Uint8Array): void {
  const content = sniffContent(chunk.subarray(0, 65_536))
  const name = input.name === '-' ? 'standard input' : input.name
  if (content.kind === 'binary') throw notALog(name, content.what)
  if (content.kind === 'compressed') throw notALog(name, `a ${content.codec} archive`)
}

/** Refusals pass through; damage in the middle of a file is told in words. */
function damageNote(input: LogInput, error: unknown): string {
  if (error instanceof AppError) throw error
  if (input.content.kind === 'compressed') {
    const { message } = error as Error
    return `the ${input.content.codec} data is damaged (${message}); what stands before the damage was read`
  }
  throw fileError(input.name, error)
}

/** Adds what reading showed; inputs of which nothing could be read appear with their note alone. */
function withNotes(
  digest: LogDigest,
  inputs: readonly LogInput[],
  notes: ReadonlyMap<string, readonly string[]>,
): LogDigest {
  const known = new Set(digest.files.map((file) => file.file))
  const files = digest.files.map((file) => ({
    ...file,
    notes: [...file.notes, ...(notes.get(file.file) ?? [])],
  }))
  for (const input of inputs) {
    if (!known.has(input.name))
      files.push(unreadSummary(input, notes.get(input.name) ?? ['the file is empty']))
  }
  return { ...digest, files }
}

function unreadSummary(input: LogInput, notes: readonly string[]): LogFileSummary & { notes: string[] } {
  const { name: file } = input
  return { file, format: 'plain', lines: 0, bytes: 0, firstSeen: null, lastSeen: null, notes: [...notes] }
}
