import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createHandOver } from './hand-over.ts'
import type { HandOver } from './hand-over.ts'
import { isFields } from './json-fields.ts'
import type { Source, SourceDeps, SourceState } from './source.ts'
import { stateFile } from './state-file.ts'
import type { StateFile } from './state-file.ts'
import { createTailFile } from './tail-file.ts'
import type { FilePosition, TailFile, TailStart } from './tail-file.ts'
import { filesNamed } from './tail-paths.ts'
import { createTailReader } from './tail-reader.ts'
import type { TailReader } from './tail-reader.ts'

export type LogTailOptions = {
  /** Files, folders and globs; they need not exist yet. */
  readonly paths: readonly string[]
  /** Whose logs they are; null: as the line says, else the file's name. */
  readonly service: string | null
  /** Where positions are kept between two runs; null: nowhere, and each run begins at the end. */
  readonly stateFile: string | null
  /** This machine's where it is left out. */
  readonly hostName?: string | undefined
  /** Of files that are there at the very first start, read all instead of what is appended. */
  readonly fromStart?: boolean | undefined
  /** IANA zone of times that carry none; UTC where it is left out. */
  readonly timeZone?: string | undefined
  /** Whether lines about requests count as requests of the service, too; true where it is left out. */
  readonly requests?: boolean | undefined
}

/** From an appended line to intake it takes this, and the time that a record is held for lines below it. */
const LOOK_EVERY_MS = 100
const MANY_FILES = 100
const HELD_MS = 200
const LOOK_FOR_FILES_MS = 1_000
/** Of one file at a time, so that others have their turn; and in one call of intake. */
const READ_BYTES = 256 * 1024
const TURN_BYTES = 2 * 1024 * 1024
/** So much is read while what came before is not stored yet. */
const AHEAD_BYTES = 4 * 1024 * 1024
const FULL_PAUSE_MS = 10

/**
 * Follows log files and hands on each record and each request that it tells of, a little ahead of what is stored: lines
 * are judged when they come. Where that much waits for the store, reading waits, and the file keeps what comes. The position
 * is kept when all before it is stored: a stop and start neither loses nor repeats a line; a kill repeats at most what was
 * being stored. UTF-8.
 *
 *   file ─► whole lines ─► records ─► intake.take ─► position kept
 *                  └────────── next ◄──────┘
 */
export function startLogTail(deps: SourceDeps, options: LogTailOptions): Source {
  const stopping = new AbortController()
  const signal = AbortSignal.any([deps.signal, stopping.signal])
  const tail: Tail = {
    deps,
    options,
    signal,
    files: new Map(),
    positions: new Map(),
    store: stateFile(options.stateFile),
    buffer: Buffer.allocUnsafe(READ_BYTES),
    handOver: createHandOver({ ...deps, signal }, Number.POSITIVE_INFINITY),
    aheadBytes: 0,
    condition: { kind: 'starting', reason: '' },
    isUnsaved: false,
  }
  const running = run(tail)
  return {
    async stop() {
      stopping.abort()
      await running
    },
    state: () => stateOf(tail),
  }
}

type Tailed = {
  readonly file: TailFile
  readonly reader: TailReader
  generation: number
  /** Lines were handed on: only their position says where to begin after the next start. */
  isUsed: boolean
  /** When its last line came, by the clock that only runs forward. */
  lineAt: number
}

type Tail = {
  readonly deps: SourceDeps
  readonly options: LogTailOptions
  readonly signal: AbortSignal
  readonly files: Map<string, Tailed>
  readonly positions: Map<string, FilePosition>
  readonly store: StateFile
  /** Files are read one after the other. */
  readonly buffer: Buffer
  readonly handOver: HandOver
  /** Read, handed on and not stored yet. */
  aheadBytes: number
  condition: Pick<SourceState, 'kind' | 'reason'>
  /** Positions have changed since they were written. */
  isUnsaved: boolean
}

async function run(tail: Tail): Promise<void> {
  const isResumed = await readPositions(tail)
  const others: TailStart =
    isResumed || tail.options.fromStart === true ? { kind: 'beginning' } : { kind: 'end' }
  try {
    await addFiles(tail, others)
    let lookedAt = performance.now()
    while (!tail.signal.aborted) {
      if (performance.now() - lookedAt >= LOOK_FOR_FILES_MS) {
        await addFiles(tail, { kind: 'beginning' })
        lookedAt = performance.now()
      }
      const hasRead = await turn(tail)
      await save(tail)
      // A look at a thousand files takes its time, too: they are looked at less often.
      const lookEveryMs = LOOK_EVERY_MS * Math.max(1, tail.files.size / MANY_FILES)
      if (!hasRead) await pauseFor(tail, isBehind(tail) ? FULL_PAUSE_MS : lookEveryMs)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    tail.condition = { kind: 'failing', reason: `expected to follow the files, found: ${reason}` }
  } finally {
    await tail.handOver.close()
    await save(tail)
    for (const { file } of tail.files.values()) await file.close()
  }
}

async function addFiles(tail: Tail, start: TailStart): Promise<void> {
  const { deps, options, files, positions } = tail
  for (const path of await filesNamed(options.paths, new Set(files.keys()))) {
    if (files.has(path)) continue
    const at = positions.get(path)
    const file = createTailFile(path, {
      start: at === undefined ? start : { kind: 'position', at },
      buffer: tail.buffer,
    })
    const { service, hostName = hostname(), timeZone = 'UTC', requests = true } = options
    const reader = createTailReader({ file: path, service, hostName, timeZone, requests, now: deps.now })
    files.set(path, { file, reader, generation: 0, isUsed: false, lineAt: 0 })
  }
}

function stateOf({ handOver, condition }: Tail): SourceState {
  const { waitingFor, ...counts } = handOver.state()
  if (waitingFor !== null) return { kind: 'waiting', reason: waitingFor, ...counts }
  return { ...condition, ...counts }
}

/** Each file once; true where there was anything to read. */
async function turn(tail: Tail): Promise<boolean> {
  let hasRead = false
  for (const [path, tailed] of tail.files) {
    if (tail.signal.aborted || tail.aheadBytes >= AHEAD_BYTES) return false
    const bytes = await tailed.file.read(TURN_BYTES, (line, start) => tailed.reader.push(line, start))
    if (bytes > 0) tailed.lineAt = performance.now()
    await handOn(tail, path, { tailed, bytes })
    // Where reading begins is worth keeping, also before the first line comes.
    if (!tailed.isUsed && !tail.positions.has(path)) keepPosition(tail, path, await positionOf(tailed))
    hasRead ||= bytes > 0
  }
  if (tail.condition.kind === 'starting') tail.condition = { kind: 'working', reason: '' }
  return hasRead
}

/** There is more to read as soon as the store has taken some; not where it refuses. */
function isBehind({ aheadBytes, handOver }: Tail): boolean {
  return aheadBytes >= AHEAD_BYTES && handOver.state().waitingFor === null
}

async function handOn(
  tail: Tail,
  path: string,
  { tailed, bytes }: { readonly tailed: Tailed; readonly bytes: number },
): Promise<void> {
  const { file, reader } = tailed
  const isOther = tailed.generation !== file.generation()
  const isQuiet = reader.openFrom() !== null && performance.now() - tailed.lineAt >= HELD_MS
  // It was emptied: nothing goes on with what was held back.
  if (isOther || isQuiet) reader.flush()
  tailed.generation = file.generation()
  const batches = reader.take()
  if (batches.length === 0) return
  tailed.isUsed = true
  const position = await positionOf(tailed)
  tail.aheadBytes += bytes
  tail.handOver.give(batches, () => {
    tail.aheadBytes -= bytes
    keepPosition(tail, path, position)
  })
}

const positionOf = ({ file, reader }: Tailed): Promise<FilePosition | null> =>
  file.positionAt(reader.openFrom())

function keepPosition(tail: Tail, path: string, position: FilePosition | null): void {
  if (position === null) return
  tail.positions.set(path, position)
  tail.isUnsaved = true
}

/** Writes the positions where one has changed: once for all files, for it waits for the disk. */
async function save(tail: Tail): Promise<void> {
  if (!tail.isUnsaved) return
  tail.isUnsaved = false
  try {
    await tail.store.write({ version: 1, files: Object.fromEntries(tail.positions) })
  } catch (error) {
    // It goes on: what is lost is only where to begin after the next start.
    const why = error instanceof Error ? error.message : String(error)
    tail.condition = {
      ...tail.condition,
      reason: `expected to keep the position in ${tail.options.stateFile}, found: ${why}`,
    }
  }
}

/** True where positions of an earlier run are known. */
async function readPositions({ store, positions }: Tail): Promise<boolean> {
  const kept = await store.read()
  if (!isFields(kept) || !isFields(kept['files'])) return false
  for (const [path, at] of Object.entries(kept['files'])) {
    if (!isFields(at)) continue
    const { identity, position, before, changedAt } = at
    if (typeof identity !== 'string' || typeof position !== 'number' || typeof before !== 'string') continue
    if (typeof changedAt !== 'string' || !/^\d+$/.test(changedAt)) continue
    positions.set(path, { identity, position, before, changedAt })
  }
  return true
}

async function pauseFor({ signal }: Tail, ms: number): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {})
}
