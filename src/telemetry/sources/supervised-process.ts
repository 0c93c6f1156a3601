import { setTimeout as pause } from 'node:timers/promises'
import { startChild } from '../../child-process.ts'
import type { ChildExit, ChildProcess } from '../../child-process.ts'
import type { ProcessGuard } from '../../process-guard.ts'
import type { EpochMs } from '../../time.ts'
import type { ProcessRecord } from '../process-record.ts'
import { redact } from '../redact.ts'
import { filesOpenForWriting, listeningPorts, outboundConnections } from './listening-ports.ts'
import type { ListeningPort } from './listening-ports.ts'

export type SupervisedOptions = {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

export type SupervisedDeps = {
  readonly now: () => EpochMs
  readonly guard: ProcessGuard
  /** `stdout` or `stderr`, in chunks as they come. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
}

/** A program under watch. It counts as running while any of its processes does, also when the first has ended. */
export type SupervisedProcess = {
  /** It ended by itself, with all its processes. Never resolves after `stop`. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  record(readyAt: EpochMs | null): ProcessRecord
  /** The last lines of its output, for messages. */
  lastLines(): readonly string[]
  listeningPorts(): readonly ListeningPort[]
  /** `host:port` of everything that it was seen connected to. */
  outbound(): readonly string[]
  /** Files that it was seen to hold open for writing. */
  writes(): readonly string[]
  /** Ends it, whatever it does; by force after `graceMs`. Returns the processes that we may not end, usually none. */
  stop(graceMs: number): Promise<readonly number[]>
}

/** Starts a program under watch. Throws `COMMAND_NOT_FOUND`. */
export async function startSupervised(
  deps: SupervisedDeps,
  options: SupervisedOptions,
): Promise<SupervisedProcess> {
  const startedAt = deps.now()
  const marker = `${process.pid}-${startedAt}`
  deps.guard.endWithUs({ marker, root: null }) // before it starts: the mark alone finds it
  const tail = createTail()
  const child = await startChild({
    ...options,
    env: withVisibleOutput(options.env),
    marker,
    onOutput(stream, chunk) {
      tail.add(chunk)
      deps.onOutput(stream, chunk)
    },
  })
  deps.guard.endWithUs({ marker, root: child.pid })
  const usage = watchUsage(deps, child)
  let exit: (ChildExit & { readonly at: EpochMs }) | null = null
  const stopping = new AbortController()

  async function untilAllEnded(): Promise<void> {
    const first = await child.exited
    while (!stopping.signal.aborted && child.members().length > 0) await pause(FAMILY_POLL_MS)
    if (stopping.signal.aborted) return new Promise(() => {})
    usage.stop()
    exit = { ...first, at: deps.now() }
    return undefined
  }

  return {
    ended: untilAllEnded(),
    hasEnded: () => exit !== null,
    record: (readyAt) => ({
      command: options.command.map(redact),
      startedAt,
      readyAt,
      exitedAt: exit?.at ?? null,
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
      memory: usage.memory(),
    }),
    lastLines: tail.lines,
    listeningPorts: () => listeningPorts(child.members().map((member) => member.pid)),
    outbound: usage.outbound,
    writes: usage.writes,
    async stop(graceMs) {
      stopping.abort()
      usage.stop()
      return (await child.stop(graceMs)).map((member) => member.pid)
    },
  }
}

type Usage = {
  memory(): ProcessRecord['memory']
  outbound: () => readonly string[]
  writes: () => readonly string[]
  stop(): void
}

/** Memory, connections and open files, every second. */
function watchUsage(deps: Pick<SupervisedDeps, 'now'>, child: ChildProcess): Usage {
  const memory = createMemorySeries()
  const outbound = new Set<string>()
  const writes = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  function sample(): void {
    const began = performance.now()
    const members = child.members()
    memory.add({ at: deps.now(), bytes: members.reduce((sum, member) => sum + member.residentBytes, 0) })
    const pids = members.map((member) => member.pid)
    for (const { host, port } of outboundConnections(pids)) outbound.add(`${host}:${port}`)
    for (const file of filesOpenForWriting(pids)) if (writes.size < MAX_WRITES) writes.add(file)
    // On a machine with thousands of processes a look takes long: no more than a twentieth of the time goes to it.
    timer = setTimeout(sample, Math.max(SAMPLE_EVERY_MS, (performance.now() - began) * 20))
  }
  timer = setTimeout(sample, SAMPLE_EVERY_MS)
  return {
    memory: memory.samples,
    outbound: () => [...outbound].sort(),
    writes: () => [...writes].sort(),
    stop: () => clearTimeout(timer),
  }
}

const MAX_WRITES = 200
const SAMPLE_EVERY_MS = 1_000
const FAMILY_POLL_MS = 200

/**
 * Python keeps lines in a buffer when it writes to a pipe, and loses them when it is ended. Nothing else of the
 * environment is touched.
 */
function withVisibleOutput(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PYTHONUNBUFFERED: '1', ...env }
}

type MemorySample = ProcessRecord['memory'][number]

/** At most 600 samples, whatever the time: when they are full, every other one goes and the step doubles. */
function createMemorySeries(): { add(sample: MemorySample): void; samples: () => readonly MemorySample[] } {
  let kept: MemorySample[] = []
  let step = 1
  let seen = 0
  return {
    add(sample) {
      if (seen % step === 0) kept.push(sample)
      seen += 1
      if (kept.length < 600) return
      kept = kept.filter((_, index) => index % 2 === 0)
      step *= 2
    },
    samples: () => [...kept],
  }
}

/** The last few kilobytes of output, as lines. */
function createTail(): { add(chunk: Uint8Array): void; lines: () => readonly string[] } {
  let bytes = Buffer.alloc(0)
  return {
    add(chunk) {
      bytes = Buffer.concat([bytes, chunk]).subarray(-TAIL_BYTES)
    },
    lines: () =>
      bytes
        .toString('utf8')
        .split(/\r?\n/)
        // A runtime's own frames say nothing, and there are many.
        .filter((line) => line.trim() !== '' && !/^\s+at .*\bnode:/.test(line))
        .slice(-TAIL_LINES),
  }
}

const TAIL_BYTES = 8_192
const TAIL_LINES = 12
