import { readFile, statfs } from 'node:fs/promises'
import { freemem, loadavg, totalmem } from 'node:os'
import type { EpochMs } from '../../time.ts'
import { derivedMetrics } from '../derived-metrics.ts'
import type { DerivedMetric } from '../derived-metrics.ts'
import { experimentalSemconv as keys } from '../semconv.ts'
import { createFigures, resourceOf } from './figures.ts'
import type { Figures } from './figures.ts'
import { createHandOver } from './hand-over.ts'
import { cpuShares, parseCpuTimes, parseMemory, parseMounts, parseNetwork } from './proc-text.ts'
import type { CpuTimes } from './proc-text.ts'
import { createProcessWatch } from './process-figures.ts'
import type { WatchedProcess } from './process-figures.ts'
import { scheduledState } from './scheduled-state.ts'
import { startSchedule } from './schedule.ts'
import type { Source, SourceDeps } from './source.ts'

export type HostFiguresOptions = {
  /** 5 s where it is left out. */
  readonly everyMs?: number | undefined
  readonly hostName: string
  readonly processes?: readonly WatchedProcess[] | undefined
}

const EVERY_MS = 5_000

/**
 * Reports this machine's CPU, memory, file systems, network and load, and the processes that are named, under
 * OpenTelemetry's names. Linux has all of it (/proc); elsewhere there is load, and memory without caches.
 */
export function startHostFigures(deps: SourceDeps, options: HostFiguresOptions): Source {
  const handOver = createHandOver(deps)
  const host = createHostWatch(options.hostName)
  const processes = createProcessWatch(options.hostName, options.processes ?? [])
  let reason: string | null = null

  const look = async (): Promise<boolean> => {
    const at = deps.now()
    try {
      const memoryBytes = await memoryLimit()
      const points = [...(await host(at, memoryBytes)), ...(await processes(at, memoryBytes))]
      handOver.give([{ kind: 'metrics', items: points }])
      reason = ''
    } catch (error) {
      reason = `expected to read the figures of this machine, found: ${String(error)}`
    }
    return reason === ''
  }
  const { everyMs = EVERY_MS } = options
  const schedule = startSchedule({ everyMs, random: deps.random, signal: deps.signal, look })
  return {
    async stop() {
      await schedule.stop()
      await handOver.close()
    },
    state: () => scheduledState(handOver, reason),
  }
}

type Look = (at: EpochMs, memoryBytes: number) => Promise<Figures['points']>

function createHostWatch(hostName: string): Look {
  const resource = resourceOf({ service: null, instance: hostName }, { [keys.hostName]: hostName })
  let before: CpuTimes | null = null
  return async (at) => {
    const figures = createFigures(resource, at)
    const stat = await textOf('/proc/stat')
    const times = stat === null ? null : parseCpuTimes(stat)
    const shares = before === null || times === null ? null : cpuShares(before, times)
    before = times
    for (const [mode, share] of shares?.byMode ?? []) {
      figures.gauge(CPU, share, new Map([[keys.cpuMode, mode]]))
    }
    figures.gauge(derivedMetrics.hostCpuUtilization, shares?.busy ?? null)
    addLoad(figures)
    await addMemory(figures)
    await addFileSystems(figures)
    await addNetwork(figures)
    return figures.points
  }
}

const CPU: DerivedMetric = {
  name: keys.systemCpuUtilization,
  unit: '1',
  description: 'Share of the time of all CPUs, by what they did',
}
const MEMORY: DerivedMetric = {
  name: keys.systemMemoryUtilization,
  unit: '1',
  description: 'Share of memory, by state',
}
const FILE_SYSTEM: DerivedMetric = {
  name: keys.systemFilesystemUtilization,
  unit: '1',
  description: 'Share of a file system that ordinary users cannot have any more',
}
const NETWORK: DerivedMetric = {
  name: keys.systemNetworkIo,
  unit: 'By',
  description: 'Bytes received and sent',
}
/** Names of the OpenTelemetry Collector's hostmetricsreceiver. */
const LOADS = [1, 5, 15].map((minutes): DerivedMetric => ({
  name: `system.cpu.load_average.${minutes}m`,
  unit: '{thread}',
  description: `Average number of threads that run or want to, over ${minutes} minutes`,
}))

function addLoad(figures: Figures): void {
  if (process.platform === 'win32') return // where it is always 0
  const averages = loadavg()
  for (const [index, metric] of LOADS.entries()) figures.gauge(metric, averages[index] ?? null)
}

async function addMemory(figures: Figures): Promise<void> {
  const group = await groupMemory()
  const meminfo = await textOf('/proc/meminfo')
  const memory = parseMemory(meminfo ?? '')
  const total = memory.get('MemTotal') ?? totalmem()
  const available = memory.get('MemAvailable') ?? freemem()
  const machine = 1 - available / total
  figures.gauge(
    derivedMetrics.hostMemoryUtilization,
    group === null ? machine : Math.max(machine, group.used / group.limit),
  )
  const cached = (memory.get('Cached') ?? 0) + (memory.get('SReclaimable') ?? 0)
  const free = memory.get('MemFree') ?? freemem()
  const buffers = memory.get('Buffers') ?? 0
  const states = { free, cached, buffers, used: total - free - cached - buffers }
  for (const [state, bytes] of Object.entries(states)) {
    figures.gauge(MEMORY, bytes / total, new Map([[keys.memoryState, state]]))
  }
}

/** What all of us may have: the control group's where it is limited below the machine's. */
async function memoryLimit(): Promise<number> {
  const group = await groupMemory()
  return group === null ? totalmem() : Math.min(group.limit, totalmem())
}

/** The limit of a container and what it uses, without what could be given back at once; null where there is none. */
async function groupMemory(): Promise<{ readonly limit: number; readonly used: number } | null> {
  const limit = Number((await textOf('/sys/fs/cgroup/memory.max')) ?? Number.NaN)
  const used = Number((await textOf('/sys/fs/cgroup/memory.current')) ?? Number.NaN)
  if (!(limit > 0) || !(used >= 0)) return null
  const stat = (await textOf('/sys/fs/cgroup/memory.stat')) ?? ''
  const inactive = Number(/^inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0)
  return { limit, used: Math.max(0, used - inactive) }
}

async function addFileSystems(figures: Figures): Promise<void> {
  const mounts = parseMounts((await textOf('/proc/mounts')) ?? '')
  const found = await Promise.all(
    mounts.map(async (mount) => ({ mount, sizes: await statfs(mount.mountpoint).catch(() => null) })),
  )
  for (const { mount, sizes } of found) {
    if (sizes === null || sizes.blocks === 0) continue
    // As df counts: what is kept back for root is neither used nor to be had.
    const used = sizes.blocks - sizes.bfree
    const attributes = new Map([
      [keys.systemDevice, mount.device],
      [keys.filesystemMountpoint, mount.mountpoint],
    ])
    figures.gauge(FILE_SYSTEM, used / (used + sizes.bavail), attributes)
  }
}

async function addNetwork(figures: Figures): Promise<void> {
  for (const { name, received, sent } of parseNetwork((await textOf('/proc/net/dev')) ?? '')) {
    for (const [direction, bytes] of Object.entries({ receive: received, transmit: sent })) {
      const attributes = new Map([
        [keys.networkInterfaceName, name],
        [keys.networkIoDirection, direction],
      ])
      figures.sum(NETWORK, bytes, { isMonotonic: true, attributes })
    }
  }
}

function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
