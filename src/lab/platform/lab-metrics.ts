import type { EpochMs } from '../../time.ts'
import type { LoadFigures } from '../load/load-figures.ts'
import type { BalancerLink } from './balancer-link.ts'
import type { LabMetrics, ProcessMetrics, RouteMetrics } from './lab-system.ts'
import { openClient } from './postgres-client.ts'
import { MAX_CONNECTIONS } from './postgres-server.ts'
import { usageOf } from './process-figures.ts'
import type { Usage } from './process-figures.ts'
import type { SupervisedProcess } from './supervised-process.ts'

export type MetricsDeps = {
  readonly now: () => EpochMs
  readonly balancer: BalancerLink
  /** What the shoppers felt: asked where the balancer itself is silent. */
  readonly felt: () => LoadFigures
  readonly processes: () => readonly SupervisedProcess[]
  /** The supervisor's own process counts, too. */
  readonly ownPid: number
  /** The monitoring role's: it has a reserved slot. */
  readonly monitorUrl: string
}

export type MetricsWatch = {
  metrics(): LabMetrics
  stop(): Promise<void>
}

type Connections = LabMetrics['dbConnections']
type Sample = { readonly at: number; readonly usage: ReadonlyMap<number, Usage> }

const NO_CONNECTIONS: Connections = {
  used: 0,
  limit: MAX_CONNECTIONS,
  active: 0,
  idleInTransaction: 0,
  waitingForLock: 0,
}
const SAMPLES = 11

/** Looks once a second, so that a question is answered from what is known. */
export function watchMetrics(deps: MetricsDeps): MetricsWatch {
  let samples: readonly Sample[] = []
  let connections = NO_CONNECTIONS
  let isStopped = false
  const database = createConnectionCounter(deps.monitorUrl)

  async function look(): Promise<void> {
    const running = deps.processes().flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]))
    const servers = running.filter(({ name }) => name === 'postgres').map(({ pid }) => pid)
    const usage = await usageOf([...running.map(({ pid }) => pid), deps.ownPid], new Set(servers))
    samples = [...samples.slice(1 - SAMPLES), { at: performance.now(), usage }]
  }

  async function count(): Promise<void> {
    connections = await database.count().catch(() => NO_CONNECTIONS)
  }

  const both = (): void => {
    if (isStopped) return
    void look()
    void count()
  }
  both()
  const timer = setInterval(both, 1_000)
  timer.unref()

  return {
    metrics() {
      const counted = deps.balancer.figures()
      const figures = counted.requests > 0 ? counted : deps.felt()
      const processes = deps.processes().map((one) => [one.name, metricsOf(one, samples)] as const)
      return {
        at: deps.now(),
        requestsPerSecond: figures.requestsPerSecond,
        errorRate: figures.errorRate,
        p50Ms: figures.p50Ms,
        p95Ms: figures.p95Ms,
        routes: figures.routes.map(routeMetrics),
        dbConnections: connections,
        cpuCores: processes.reduce((sum, [, { cpuCores }]) => sum + cpuCores, coresOf(deps.ownPid, samples)),
        processes: Object.fromEntries(processes),
      }
    },
    async stop() {
      isStopped = true
      clearInterval(timer)
      await database.close()
    },
  }
}

export function routeMetrics(route: ReturnType<BalancerLink['figures']>['routes'][number]): RouteMetrics {
  const { route: name, requests, failed, p50Ms, p95Ms, outcomes } = route
  const statuses: Record<string, number> = {}
  for (const [outcome, count] of Object.entries(outcomes)) {
    const status = /^\d+$/.test(outcome) ? outcome : '0'
    statuses[status] = (statuses[status] ?? 0) + count
  }
  return { route: name, requests, failed, p50Ms, p95Ms, statuses }
}

function metricsOf(one: SupervisedProcess, samples: readonly Sample[]): ProcessMetrics {
  const { pid, state, crashes } = one
  const newest = pid === null ? undefined : samples.at(-1)?.usage.get(pid)
  return {
    pid,
    state,
    crashes,
    cpuCores: pid === null ? 0 : coresOf(pid, samples),
    residentBytes: newest?.residentBytes ?? 0,
  }
}

/** Over the samples that know the process: one that started within them counts from its start. */
function coresOf(pid: number, samples: readonly Sample[]): number {
  const known = samples.filter(({ usage }) => (usage.get(pid)?.residentBytes ?? 0) > 0)
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined || first === last) return 0
  const seconds = (last.at - first.at) / 1000
  const used = (last.usage.get(pid)?.cpuSeconds ?? 0) - (first.usage.get(pid)?.cpuSeconds ?? 0)
  return Math.max(0, used / seconds)
}

const COUNT_SESSIONS = `
  SELECT count(*)::int AS used,
    count(*) FILTER (WHERE state = 'active')::int AS active,
    count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int AS "idleInTransaction",
    count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS "waitingForLock"
  FROM pg_stat_activity WHERE backend_type = 'client backend'`

/** One session that stays; opened again when the server ended it. */
function createConnectionCounter(url: string) {
  let client: Awaited<ReturnType<typeof openClient>> | null = null
  let isBusy = false
  let last = NO_CONNECTIONS
  return {
    async count(): Promise<Connections> {
      if (isBusy) return last // the server is slow: one question at a time
      isBusy = true
      try {
        client ??= await openClient(url)
        const { rows } = await client.query<Omit<Connections, 'limit'>>(COUNT_SESSIONS)
        last = { ...NO_CONNECTIONS, ...rows[0] }
        return last
      } catch (error) {
        await client?.end().catch(() => {})
        client = null
        throw error
      } finally {
        isBusy = false
      }
    },
    async close() {
      await client?.end().catch(() => {})
    },
  }
}
