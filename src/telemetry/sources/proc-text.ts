/** Times of all CPUs, in ticks since the machine started: /proc/stat (man 5 proc). */
export type CpuTimes = {
  readonly user: number
  readonly nice: number
  readonly system: number
  readonly idle: number
  readonly iowait: number
  readonly interrupt: number
  readonly steal: number
}

/** The first line of /proc/stat: `cpu  user nice system idle iowait irq softirq steal guest guest_nice`. */
export function parseCpuTimes(stat: string): CpuTimes | null {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1]
  if (line === undefined) return null
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(/ +/)
    .map(Number)
  return { user, nice, system, idle, iowait, interrupt: irq + softirq, steal }
}

/** Shares of the time between two looks by mode, and what was neither idle nor waiting for a disk; null: no time passed. */
export function cpuShares(
  before: CpuTimes,
  now: CpuTimes,
): { readonly byMode: ReadonlyMap<string, number>; readonly busy: number } | null {
  const spent = (key: keyof CpuTimes): number => Math.max(0, now[key] - before[key])
  const modes = Object.keys(now) as readonly (keyof CpuTimes)[]
  const total = modes.reduce((sum, mode) => sum + spent(mode), 0)
  if (total === 0) return null
  const byMode = new Map(modes.map((mode) => [mode, spent(mode) / total]))
  return { byMode, busy: 1 - (spent('idle') + spent('iowait')) / total }
}

/** /proc/meminfo in bytes, by its own names. */
export function parseMemory(meminfo: string): ReadonlyMap<string, number> {
  const entries = [...meminfo.matchAll(/^(\w+)(?:\(\w+\))?: +(\d+)(?: kB)?$/gm)]
  return new Map(entries.map(([, name = '', kilobytes]) => [name, Number(kilobytes) * 1024]))
}

export type NetworkBytes = { readonly name: string; readonly received: number; readonly sent: number }

/** /proc/net/dev without the loopback. */
export function parseNetwork(dev: string): readonly NetworkBytes[] {
  return [...dev.matchAll(/^ *([^\s:]+): *(.+)$/gm)].flatMap(([, name = '', figures = '']) => {
    const numbers = figures.trim().split(/ +/).map(Number)
    if (name === 'lo') return []
    return [{ name, received: numbers[0] ?? 0, sent: numbers[8] ?? 0 }]
  })
}

export type Mount = { readonly device: string; readonly mountpoint: string; readonly type: string }

/** File systems on devices, from /proc/mounts; each device once, under its shortest path. */
export function parseMounts(mounts: string): readonly Mount[] {
  const found = new Map<string, Mount>()
  for (const line of mounts.split('\n')) {
    const [device = '', mountpoint = '', type = ''] = line.split(' ').map(unescapeMount)
    const isReal =
      device.startsWith('/dev/') || NETWORKED.test(type) || (mountpoint === '/' && type !== 'rootfs')
    if (!isReal || READ_ONLY_BY_NATURE.test(type)) continue
    const known = found.get(device)
    if (known === undefined || mountpoint.length < known.mountpoint.length)
      found.set(device, { device, mountpoint, type })
  }
  return [...found.values()].slice(0, MOST_MOUNTS)
}

const NETWORKED = /^(?:nfs4?|cifs|ceph|glusterfs|fuse\.sshfs|9p|virtiofs)$/
/** Images are full by nature. */
const READ_ONLY_BY_NATURE = /^(?:squashfs|iso9660|erofs)$/
const MOST_MOUNTS = 50

/** Blanks in names are written as octal. */
function unescapeMount(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}

export type ProcessStat = {
  readonly ticks: number
  readonly threads: number
  /** Since the machine started, in ticks: tells a process from a later one with its pid. */
  readonly startTicks: number
  readonly residentPages: number
}

/** /proc/PID/stat; the name in it may hold anything, so that reading begins behind its last bracket. */
export function parseProcessStat(stat: string): ProcessStat | null {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [utime, stime, threads, startTicks, residentPages] = [11, 12, 17, 19, 21].map(
    (index) => fields[index],
  )
  if (residentPages === undefined || Number.isNaN(residentPages)) return null
  return {
    ticks: (utime ?? 0) + (stime ?? 0),
    threads: threads ?? 0,
    startTicks: startTicks ?? 0,
    residentPages,
  }
}

/** The soft limit of open files in /proc/PID/limits; null where there is none. */
export function parseOpenFilesLimit(limits: string): number | null {
  const limit = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.NaN)
  return Number.isNaN(limit) ? null : limit
}
