import type { ChildProcess } from 'node:child_process'
import type { LabMetrics, ProcessOverrides, RouteMetrics, Toxic } from '../src/lab/platform/lab-system.ts'

export type FakeSession = {
  readonly processId: number
  readonly role: string
  readonly statements: string[]
  /** Ends the statement that runs; null where none does. */
  cancel: (() => void) | null
}

export type FakeProcess = {
  isPaused: boolean
  isDown: boolean
  crashes: number
  overrides: ProcessOverrides
  child: ChildProcess | null
}

export type FakeState = {
  commit: string
  canary: string | null
  configuration: Map<string, string>
  readonly flags: Set<string>
  readonly wires: Map<string, Toxic>
  isExpired: boolean
  readonly drained: Set<string>
  perSecond: number
  profile: 'everyday' | 'impatient'
  hammered: string | null
  readonly processes: Map<string, FakeProcess>
  readonly sessions: FakeSession[]
  /** Table by name. */
  readonly indexes: Map<string, string>
  password: string
  isVolumeFull: boolean
  databaseStarts: number
  statements: number
}

/** What a state does to users, each by its share of failures and its wait. */
type Effect = {
  readonly route?: RegExp
  readonly fails?: number
  readonly p95Ms?: number
  readonly cpu?: readonly [name: string, cores: number]
  readonly says?: readonly [name: string, line: string]
  readonly growsMb?: number
}

const ROUTES = [
  'GET /',
  'GET /search',
  'GET /products',
  'GET /products/:id',
  'POST /cart/:id/items',
  'POST /checkout',
]
const PER_ROUTE = 40

export type Consequences = {
  readonly metrics: LabMetrics
  readonly lines: readonly (readonly [string, string])[]
}

export function consequences(state: FakeState, now: number): Consequences {
  const effects = [
    ...network(state),
    ...settings(state),
    ...programs(state, now),
    ...database(state),
    ...code(state),
  ]
  const routes = ROUTES.map((route) => routeWith(route, effects, state))
  const requests = routes.reduce((sum, route) => sum + route.requests, 0)
  const failed = routes.reduce((sum, route) => sum + route.failed, 0)
  const p95Ms = Math.max(
    ...effects.filter((effect) => effect.route === undefined).map((effect) => effect.p95Ms ?? 0),
    15,
  )
  const amplified = state.profile === 'impatient' ? 4 : 1
  return {
    lines: effects.flatMap((effect) => (effect.says === undefined ? [] : [effect.says])),
    metrics: {
      at: now,
      requestsPerSecond: state.perSecond * amplified,
      errorRate: failed / requests,
      p50Ms: 4,
      p95Ms: p95Ms * (amplified > 1 ? 100 : 1),
      routes,
      dbConnections: {
        used: 10 + state.sessions.length + grown(effects),
        limit: 100,
        active: 1,
        idleInTransaction: 0,
        waitingForLock: 0,
      },
      cpuCores: 0.5,
      processes: Object.fromEntries(
        [...state.processes].map(([name, one]) => [name, processWith(name, one, effects)]),
      ),
    },
  }
}

function grown(effects: readonly Effect[]): number {
  return effects.some((effect) => effect.growsMb !== undefined) ? 85 : 0
}

function routeWith(route: string, effects: readonly Effect[], { hammered }: FakeState): RouteMetrics {
  const felt = effects.filter((effect) => effect.route?.test(route) ?? true)
  const extra = hammered !== null && route === routeOf(hammered) ? 20_000 : 0
  return {
    route,
    requests: PER_ROUTE + extra,
    failed: Math.round(PER_ROUTE * Math.max(0, ...felt.map((effect) => effect.fails ?? 0))),
    p50Ms: 4,
    p95Ms: Math.max(10, ...felt.map((effect) => effect.p95Ms ?? 0)),
    statuses: {},
  }
}

function routeOf(path: string): string {
  return `GET ${path.split('?')[0]?.replace(/\/\d+$/, '/:id')}`
}

function processWith(name: string, one: FakeProcess, effects: readonly Effect[]) {
  const busy = effects.reduce((sum, { cpu }) => sum + (cpu?.[0] === name ? cpu[1] : 0), 0)
  const grows = name.startsWith('app-') ? Math.max(0, ...effects.map((effect) => effect.growsMb ?? 0)) : 0
  return {
    pid: 1,
    state: 'up' as const,
    cpuCores: one.isPaused ? 0 : 0.1 + busy,
    residentBytes: 90e6 + grows * 1e6,
    crashes: one.crashes,
  }
}

const CHECKOUT = /checkout/

function network({ wires, isExpired, profile, perSecond }: FakeState): readonly Effect[] {
  if (perSecond > 200) return [{ p95Ms: 900 }]
  if (profile === 'impatient') return [{ fails: 0.3 }]
  if (isExpired) return [{ route: CHECKOUT, fails: 1, says: ['app-1', 'ERROR certificate has expired'] }]
  const toxic = wires.get('payment')
  switch (toxic?.kind) {
    case 'latency':
      return [{ route: CHECKOUT, p95Ms: toxic.ms }]
    case 'hang':
      return [{ route: CHECKOUT, p95Ms: 3_000, fails: toxic.share ?? 1 }]
    case 'reset':
      return [{ route: CHECKOUT, fails: toxic.share ?? 1, says: ['app-2', 'ERROR read ECONNRESET'] }]
    case 'refuse':
      return [{ route: CHECKOUT, fails: 1, says: ['app-2', 'ERROR connect ECONNREFUSED'] }]
    default:
      return []
  }
}

function settings({ configuration, flags }: FakeState): readonly Effect[] {
  const effects: Effect[] = []
  const payment = configuration.get('PAYMENT_URL')
  if (payment === undefined) effects.push({ fails: 0.9 })
  else if (payment.includes('.invalid'))
    effects.push({ route: CHECKOUT, fails: 1, says: ['app-1', 'ERROR getaddrinfo ENOTFOUND'] })
  if (configuration.get('DATABASE_URL')?.includes(':1/'))
    effects.push({ fails: 0.9, says: ['app-1', 'connect ECONNREFUSED'] })
  if (configuration.has('POOL_MAX')) effects.push({ p95Ms: 200 })
  if (flags.size > 0) effects.push({ route: /products|checkout/, p95Ms: 200, fails: 0.5 })
  return effects
}

function programs({ processes }: FakeState, now: number): readonly Effect[] {
  const effects: Effect[] = []
  for (const [name, one] of processes) {
    if (one.overrides.nodeFlags?.some((flag) => flag.endsWith('=8')) === true) one.crashes += 1
    const agent = one.overrides.env?.['NODE_OPTIONS'] ?? ''
    if (agent.includes('audit-agent')) effects.push({ cpu: [name, 0.5], p95Ms: 300 })
    if (agent.includes('metrics-agent'))
      effects.push({ says: [name, 'WARN metrics agent: collector did not answer'] })
    if (agent.includes('quota-agent'))
      effects.push({ route: CHECKOUT, fails: 0.5, says: ['app-1', 'payment answered 429'] })
    for (const minutes of agent.includes('host-agent') ? [-7, 45, 57_600] : [])
      effects.push({ says: [name, `${new Date(now + minutes * 60_000).toISOString()} INFO GET /`] })
  }
  return effects
}

function database({
  sessions,
  indexes,
  password,
  isVolumeFull,
  databaseStarts,
}: FakeState): readonly Effect[] {
  const effects: Effect[] = []
  if (indexes.size < 3) effects.push({ p95Ms: 400, cpu: ['postgres', 0.8] })
  if (password !== 'first')
    effects.push({ fails: 0.9, says: ['app-1', 'password authentication failed for user "shop"'] })
  if (isVolumeFull)
    effects.push({
      route: /cart|checkout/,
      fails: 1,
      says: ['postgres', 'could not extend file: No space left on device'],
    })
  if (sessions.length > 80) effects.push({ fails: 0.4, says: ['app-3', 'sorry, too many clients already'] })
  if (sessions.some((one) => one.cancel !== null)) effects.push({ cpu: ['postgres', 0.9] })
  if (sessions.some((one) => one.statements.some((sql) => sql.startsWith('UPDATE'))))
    effects.push({ route: CHECKOUT, p95Ms: 5_000, fails: 0.5 })
  if (databaseStarts > 1) effects.push({ says: ['app-1', 'terminating connection due to unexpected end'] })
  return effects
}

/** Releases of a fault have an `f` in their name: everything about them is bad. */
function code({ commit, canary }: FakeState): readonly Effect[] {
  const isBad = [commit, canary].some((one) => one?.startsWith('f') === true)
  return isBad ? [{ fails: 0.5, p95Ms: 800, growsMb: 120, cpu: ['app-1', 0.9] }] : []
}
