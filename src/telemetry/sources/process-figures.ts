import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { EpochMs } from '../../time.ts'
import { derivedMetrics } from '../derived-metrics.ts'
import type { DerivedMetric } from '../derived-metrics.ts'
import { experimentalSemconv as keys } from '../semconv.ts'
import { createFigures, resourceOf } from './figures.ts'
import type { Figures } from './figures.ts'
import { parseOpenFilesLimit, parseProcessStat } from './proc-text.ts'
import type { ProcessStat } from './proc-text.ts'

/** A process to watch: by its pid, a file that holds it, or a part of its command line (the oldest that has it). */
export type WatchedProcess = {
  readonly name: string
  readonly service: string | null
  readonly pid?: number | undefined
  readonly pidFile?: string | undefined
  readonly command?: string | undefined
}

/** Linux' USER_HZ and page size, on all machines that Node runs on but some arm64 with larger pages. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4_096

// Names of OpenTelemetry's process conventions.
const CPU: DerivedMetric = {
  name: keys.processCpuUtilization,
  unit: '1',
  description: 'CPU time by the time that passed and the number of CPUs',
}
const MEMORY: DerivedMetric = {
  name: keys.processMemoryUsage,
  unit: 'By',
  description: 'Physical memory in use',
}
const THREADS: DerivedMetric = {
  name: keys.processThreadCount,
  unit: '{thread}',
  description: 'Threads of the process',
}
const DESCRIPTORS: DerivedMetric = {
  name: keys.processFileDescriptorCount,
  unit: '{file_descriptor}',
  description: 'Open file descriptors',
}

type Known = { readonly pid: number; readonly stat: ProcessStat; readonly at: EpochMs }
type Watched = { readonly process: WatchedProcess; before: Known | null; restarts: number }

/** Makes a look at the named processes; one that does not run makes no points but its restarts. */
export function createProcessWatch(
  hostName: string,
  processes: readonly WatchedProcess[],
): (at: EpochMs, memoryBytes: number) => Promise<Figures['points']> {
  const all = processes.map((process): Watched => ({ process, before: null, restarts: 0 }))
  return async (at, memoryBytes) => {
    const points = await Promise.all(all.map((watched) => lookAt(watched, { at, memoryBytes, hostName })))
    return points.flat()
  }
}

type About = { readonly at: EpochMs; readonly memoryBytes: number; readonly hostName: string }

async function lookAt(watched: Watched, { at, memoryBytes, hostName }: About): Promise<Figures['points']> {
  const { process, before } = watched
  const pid = await pidOf(process)
  const stat = pid === null ? null : parseProcessStat((await textOf(`/proc/${pid}/stat`)) ?? '')
  const resource = resourceOf(
    { service: process.service, instance: `${hostName}/${process.name}` },
    {
      [keys.hostName]: hostName,
      [keys.processName]: process.name,
      [keys.processPid]: pid === null ? null : String(pid),
    },
  )
  const figures = createFigures(resource, at)
  if (pid !== null && stat !== null) {
    const isOther = before !== null && (before.pid !== pid || before.stat.startTicks !== stat.startTicks)
    if (isOther) watched.restarts += 1
    if (before !== null && !isOther) figures.gauge(CPU, cpuShare(before, { pid, stat, at }))
    watched.before = { pid, stat, at }
    const resident = stat.residentPages * PAGE_BYTES
    figures.sum(MEMORY, resident, { isMonotonic: false })
    figures.gauge(derivedMetrics.processMemoryUtilization, resident / memoryBytes)
    figures.sum(THREADS, stat.threads, { isMonotonic: false })
    await addDescriptors(figures, pid)
  }
  figures.sum(derivedMetrics.processRestarts, watched.restarts, { isMonotonic: true })
  return figures.points
}

function cpuShare(before: Known, now: Known): number | null {
  const seconds = (now.at - before.at) / 1000
  if (seconds <= 0) return null
  return (now.stat.ticks - before.stat.ticks) / TICKS_PER_SECOND / seconds / availableParallelism()
}

async function addDescriptors(figures: Figures, pid: number): Promise<void> {
  // Only its owner and root may look.
  const open = await readdir(`/proc/${pid}/fd`).catch(() => null)
  if (open === null) return
  const limit = parseOpenFilesLimit((await textOf(`/proc/${pid}/limits`)) ?? '')
  figures.sum(DESCRIPTORS, open.length, { isMonotonic: false })
  figures.gauge(derivedMetrics.fileDescriptorUtilization, limit === null ? null : open.length / limit)
}

async function pidOf({ pid, pidFile, command }: WatchedProcess): Promise<number | null> {
  if (pid !== undefined) return pid
  if (pidFile !== undefined) {
    const text = await textOf(pidFile)
    return text === null || !/^\s*\d+\s*$/.test(text) ? null : Number(text)
  }
  return command === undefined ? null : oldestWith(command)
}

/** The lowest pid whose command line has the words: of a server and its workers, the server. Never ourselves. */
async function oldestWith(command: string): Promise<number | null> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  for (const pid of pids.sort((a, b) => a - b)) {
    if (pid === process.pid) continue
    const line = (await textOf(`/proc/${pid}/cmdline`)) ?? ''
    if (line.replaceAll('\0', ' ').includes(command)) return pid
  }
  return null
}

function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
