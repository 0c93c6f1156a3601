import { open, stat } from 'node:fs/promises'
import type { EpochMs } from '../../time.ts'
import type { LabMetrics, LabSystem, RouteMetrics } from '../platform/lab-system.ts'

export type FaultCheck = { readonly happened: boolean; readonly evidence: string }

/** By what a fault is known to have happened: each of `all`, and where there are some, one of `any`. */
export type Signs = {
  readonly all: readonly Sign[]
  readonly any?: readonly Sign[]
  /** Putting it in disturbs users by itself (a restart, a deploy): figures count once none of that is in them. */
  readonly isDisturbing?: boolean
}

/** Figures are of the last ten seconds. */
const SETTLED_MS = 11_000

/** One look at the system: was it seen, and what was seen. */
export type Sign = (seen: Observation) => Promise<SignSeen> | SignSeen
export type SignSeen = { readonly seen: boolean; readonly says: string }

export type Observation = {
  readonly system: LabSystem
  /** Figures just before the fault, and now. */
  readonly before: LabMetrics
  readonly now: LabMetrics
  /** The first line that any of these processes logged since, and that matches. */
  /** How many lines matched since, in all of these logs. */
  readonly countLog: (pattern: RegExp, names: readonly string[]) => Promise<number>
  readonly findLog: (pattern: RegExp, names?: readonly string[]) => Promise<string | null>
}

export type Observer = {
  /** `inAt`: when putting it in had ended. */
  check(signs: Signs, inAt: EpochMs): Promise<FaultCheck>
}

/** Remembers how the system is now, to hold it against what it becomes. */
export async function observe(system: LabSystem): Promise<Observer> {
  const before = await system.metrics()
  const starts = new Map<string, number>()
  for (const name of system.processes.names()) starts.set(name, await sizeOf(logFileOf(system, name)))

  async function findLog(pattern: RegExp, names = system.processes.names()): Promise<string | null> {
    for (const name of names) {
      const text = await readFrom(logFileOf(system, name), starts.get(name) ?? 0)
      const line = text.split('\n').find((candidate) => pattern.test(candidate))
      if (line !== undefined) return `${name}: ${line.trim().slice(0, 160)}`
    }
    return null
  }

  async function countLog(pattern: RegExp, names: readonly string[]): Promise<number> {
    let count = 0
    for (const name of names) {
      const text = await readFrom(logFileOf(system, name), starts.get(name) ?? 0)
      count += text.split('\n').filter((line) => pattern.test(line)).length
    }
    return count
  }

  return {
    async check(signs, inAt) {
      const now = await system.metrics()
      if (signs.isDisturbing === true && system.now() - inAt < SETTLED_MS) {
        return { happened: false, evidence: 'too early to say: the figures are still of putting it in' }
      }
      const seen: Observation = { system, before, now, findLog, countLog }
      const all = await Promise.all(signs.all.map(async (sign) => sign(seen)))
      const any = await Promise.all((signs.any ?? []).map(async (sign) => sign(seen)))
      const happened = all.every((sign) => sign.seen) && (any.length === 0 || any.some((sign) => sign.seen))
      return { happened, evidence: evidenceOf(happened, [...all, ...any]) }
    },
  }
}

/** What was seen where it happened; what is missing where it did not. */
function evidenceOf(happened: boolean, signs: readonly SignSeen[]): string {
  const said = signs.filter((sign) => sign.seen === happened).map((sign) => sign.says)
  return said.join('; ') || 'nothing to be seen'
}

// --- signs that many faults share --------------------------------------------------------------------------------

/** Over this share of all requests fails, and more than before. */
export function errorsOver(share: number): Sign {
  return ({ before, now }) => ({
    seen: now.errorRate > share && now.errorRate > before.errorRate,
    says: `error rate ${percent(now.errorRate)} (before ${percent(before.errorRate)})`,
  })
}

/** The slowest twentieth takes longer than this, and half as long again as before. */
export function slowerThan(p95Ms: number): Sign {
  return ({ before, now }) => ({
    seen: now.p95Ms > p95Ms && now.p95Ms > before.p95Ms * 1.5,
    says: `p95 ${Math.round(now.p95Ms)} ms (before ${Math.round(before.p95Ms)} ms)`,
  })
}

/** On one route; `requests` that ended are enough to say so. */
export function routeFails(route: RegExp, share: number): Sign {
  return ({ before, now }) => {
    const [was, is] = [sumOf(before.routes, route), sumOf(now.routes, route)]
    const rate = is.failed / Math.max(1, is.requests)
    return {
      seen: is.requests > 0 && rate > share && rate > was.failed / Math.max(1, was.requests),
      says: `${is.failed} of ${is.requests} failed on ${is.names}`,
    }
  }
}

export function routeSlowerThan(route: RegExp, p95Ms: number): Sign {
  return ({ before, now }) => {
    const [was, is] = [sumOf(before.routes, route), sumOf(now.routes, route)]
    return {
      seen: is.p95Ms > p95Ms && is.p95Ms > was.p95Ms * 1.5,
      says: `p95 ${Math.round(is.p95Ms)} ms on ${is.names} (before ${Math.round(was.p95Ms)} ms)`,
    }
  }
}

function sumOf(routes: readonly RouteMetrics[], route: RegExp) {
  const matching = routes.filter((metrics) => route.test(metrics.route))
  return {
    requests: matching.reduce((sum, metrics) => sum + metrics.requests, 0),
    failed: matching.reduce((sum, metrics) => sum + metrics.failed, 0),
    p95Ms: Math.max(0, ...matching.map((metrics) => metrics.p95Ms)),
    names: matching.map((metrics) => metrics.route).join(', ') || String(route),
  }
}

/** Some route of the shop fails by more than this share, with at least three failures. */
export function anyRouteFails(share: number): Sign {
  return ({ before, now }) => {
    const worst = now.routes
      .filter((is) => is.failed >= 3 && rateOf(is) > share && rateOf(is) > rateOf(routeIn(before, is.route)))
      .sort((a, b) => rateOf(b) - rateOf(a))[0]
    const says =
      worst === undefined ? 'no route fails' : `${worst.failed} of ${worst.requests} failed on ${worst.route}`
    return { seen: worst !== undefined, says }
  }
}

/** Some route's slowest twentieth takes longer than this, and three times as long as before. */
export function anyRouteSlower(p95Ms: number): Sign {
  return ({ before, now }) => {
    const worst = now.routes
      .filter((is) => is.requests >= 5 && is.p95Ms > p95Ms)
      .filter((is) => is.p95Ms > 3 * (routeIn(before, is.route)?.p95Ms ?? Infinity))
      .sort((a, b) => b.p95Ms - a.p95Ms)[0]
    const says =
      worst === undefined ? 'no route is slower' : `p95 ${Math.round(worst.p95Ms)} ms on ${worst.route}`
    return { seen: worst !== undefined, says }
  }
}

function routeIn(metrics: LabMetrics, route: string): RouteMetrics | undefined {
  return metrics.routes.find((known) => known.route === route)
}

function rateOf(metrics: RouteMetrics | undefined): number {
  return metrics === undefined ? 0 : metrics.failed / Math.max(1, metrics.requests)
}

/** Client connections against the limit. */
export function connectionsOver(share: number): Sign {
  return ({ now }) => {
    const { used, limit } = now.dbConnections
    return { seen: used > share * limit, says: `${used} of ${limit} database connections` }
  }
}

export function logged(pattern: RegExp, names?: readonly string[]): Sign {
  return async ({ findLog }) => {
    const line = await findLog(pattern, names)
    return { seen: line !== null, says: line ?? `no log line with ${pattern.source}` }
  }
}

/** Instances of the app wrote so many errors. */
export function errorsLogged(times: number): Sign {
  return async ({ system, countLog }) => {
    const instances = system.processes.names().filter((name) => name.startsWith('app-'))
    const count = await countLog(/\bERROR\b/, instances)
    return { seen: count >= times, says: `${count} errors in the logs of the app` }
  }
}

/** The process ended so many times without being asked to. */
export function crashed(name: string, times: number): Sign {
  return ({ before, now }) => {
    const ended = (now.processes[name]?.crashes ?? 0) - (before.processes[name]?.crashes ?? 0)
    return { seen: ended >= times, says: `${name} ended ${ended} times by itself` }
  }
}

/** A control: neither more failures nor longer waits than an ordinary day has. */
export const usersFeelNothing: Sign = ({ now }) => ({
  seen: now.errorRate < 0.01 && now.p95Ms < 300,
  says: `users see ${percent(now.errorRate)} errors, p95 ${Math.round(now.p95Ms)} ms`,
})

/** All processes of this kind together use so much more than before. */
export function cpuRose(names: RegExp, cores: number): Sign {
  return ({ before, now }) => {
    const [was, is] = [cpuOf(before, names), cpuOf(now, names)]
    return {
      seen: is - was > cores,
      says: `${names.source} use ${is.toFixed(2)} cores (before ${was.toFixed(2)})`,
    }
  }
}

function cpuOf(metrics: LabMetrics, names: RegExp): number {
  const matching = Object.entries(metrics.processes).filter(([name]) => names.test(name))
  return matching.reduce((sum, [, process]) => sum + process.cpuCores, 0)
}

/** One of the processes holds so much more memory than before. */
export function memoryRose(names: RegExp, megabytes: number): Sign {
  return ({ before, now }) => {
    const rises = Object.entries(now.processes)
      .filter(([name]) => names.test(name))
      .map(([name, is]) => (is.residentBytes - (before.processes[name]?.residentBytes ?? Infinity)) / 1e6)
    const most = Math.max(0, ...rises)
    return { seen: most > megabytes, says: `memory rose by ${most.toFixed(0)} MB` }
  }
}

/** Instances of the app ended by themselves, all together. */
export function instancesCrashed(times: number): Sign {
  return ({ before, now }) => {
    const count = (metrics: LabMetrics) =>
      Object.entries(metrics.processes).reduce(
        (sum, [name, is]) => sum + (name.startsWith('app-') ? is.crashes : 0),
        0,
      )
    const ended = count(now) - count(before)
    return { seen: ended >= times, says: `instances ended ${ended} times by themselves` }
  }
}

/** One answer of the database, as the superuser gets it. */
export function queried(sql: string, judge: (row: Readonly<Record<string, unknown>>) => SignSeen): Sign {
  return async ({ system }) => {
    const [row] = await system.database.admin(sql)
    return row === undefined ? { seen: false, says: 'the database gave no row' } : judge(row)
  }
}

/** The commit that is deployed now. */
export function released(commit: string): Sign {
  return ({ system }) => {
    const current = system.releases.current()
    return {
      seen: current.commit === commit,
      says: `release ${current.version} is ${current.commit.slice(0, 10)}`,
    }
  }
}

/** A variable of a service has this value now. */
export function configured(service: 'app' | 'payment' | 'mail', name: string, value: string | null): Sign {
  return ({ system }) => {
    const current = system.configuration.get(service)[name] ?? null
    return {
      seen: current === value,
      says: `${name} of ${service} is ${current === null ? 'not set' : 'changed'}`,
    }
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function logFileOf(system: LabSystem, name: string): string {
  return system.processes.get(name).logFile
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    return 0 // it has not written yet
  }
}

/** At most this much of one log is looked at: what a fault says, it says soon. */
const MAX_LOG_BYTES = 16 * 1024 * 1024

async function readFrom(path: string, start: number): Promise<string> {
  const length = Math.min((await sizeOf(path)) - start, MAX_LOG_BYTES)
  if (length <= 0) return ''
  await using file = await open(path)
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, start)
  return buffer.toString('utf8', 0, bytesRead)
}
