import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type {
  ChangeEvent,
  ChangeOptions,
  DatabaseRole,
  DatabaseSession,
  LabProcess,
  LabSystem,
  ProcessOverrides,
  Toxic,
  Wire,
} from '../src/lab/platform/lab-system.ts'
import { createFakeDatabase } from './fake-lab-database.ts'
import { consequences } from './fake-lab-effects.ts'
import type { FakeState } from './fake-lab-effects.ts'

/**
 * A lab in memory: verbs change a state, and figures and logs follow from the state by rules of thumb, as they follow
 * from the real thing. Processes have real ids (of sleepers), so that what looks at them finds something.
 */
export type FakeLab = {
  readonly system: LabSystem
  /** Everything that a fault has to leave as it was. */
  snapshot(): unknown
  /** Everything that a responder could read: files, environment, statements, names in change events. */
  visible(): string
  close(): void
}

const NAMES = ['app-1', 'app-2', 'app-3', 'payment', 'mail', 'balancer', 'postgres', 'shoppers'] as const

export function createFakeLab(): FakeLab {
  const folder = mkdtempSync(join(tmpdir(), 'lab-fixture-'))
  for (const part of ['logs', 'scratch', 'repository']) mkdirSync(join(folder, part))
  const aborting = new AbortController()
  const state = newState()
  const changes: ChangeEvent[] = []
  const who: string[] = []
  const heard = (options: ChangeOptions | undefined): void => void who.push(options?.who ?? '')
  const log = (name: string, line: string): void =>
    appendFileSync(join(folder, 'logs', `${name}.log`), `${line}\n`)
  let now = Date.UTC(2026, 10, 20, 10)

  const processes = new Map(NAMES.map((name) => [name as string, fakeProcess(name, { state, folder })]))
  const database = createFakeDatabase(state)
  const change = (what: string): void => {
    changes.push({
      id: changes.length,
      at: now,
      who: 'somebody',
      what,
      service: 'shop',
      from: null,
      to: null,
    })
  }
  const configuration = new Map(
    Object.entries({
      DATABASE_URL: 'postgresql://shop:x@127.0.0.1:5432/shop',
      PAYMENT_URL: 'https://127.0.0.1:4443',
    }),
  )
  state.configuration = configuration

  const system: LabSystem = {
    processes: {
      get(name) {
        const found = processes.get(name)
        if (found === undefined) throw new Error(`no process ${name}`)
        return found
      },
      names: () => [...processes.keys()],
    },
    releases: {
      repository: join(folder, 'repository'),
      current: () => ({ commit: state.commit, version: 'v1' }),
      previous: () => null,
      async deploy(commit, options) {
        heard(options)
        state.commit = commit
        state.canary = null
        return { commit, version: 'v2' }
      },
      rollback: async () => ({ commit: state.commit, version: 'v1' }),
      async canary(commit, options) {
        heard(options)
        state.canary = commit
      },
      async scale() {},
    },
    configuration: {
      get: () => Object.fromEntries(configuration),
      async set(_service, values, options) {
        heard(options)
        const before = new Map(configuration)
        for (const [name, value] of Object.entries(values)) {
          if (value === null) configuration.delete(name)
          else configuration.set(name, value)
        }
        return async () => {
          configuration.clear()
          for (const [name, value] of before) configuration.set(name, value)
        }
      },
      async reset() {},
    },
    flags: {
      get: (name) => state.flags.has(name),
      all: () => Object.fromEntries([...state.flags].map((name) => [name, true])),
      async set(name, value, options) {
        heard(options)
        if (value) state.flags.add(name)
        else state.flags.delete(name)
      },
    },
    database,
    wires: { payment: fakeWire(state, 'payment'), mail: fakeWire(state, 'mail') },
    certificates: {
      payment: {
        file: join(folder, 'payment.pem'),
        expiresAt: now,
        async expire() {
          state.isExpired = true
        },
        async renew() {
          state.isExpired = false
        },
      },
    },
    balancer: {
      url: 'http://127.0.0.1:9',
      async drain(name, options) {
        heard(options)
        state.drained.add(name)
        change('drain')
      },
      async restore(name) {
        state.drained.delete(name)
      },
      async setWeight() {},
      async setMaintenance() {},
      routes: async () => [],
    },
    shoppers: {
      get perSecond() {
        return state.perSecond
      },
      get profile() {
        return state.profile
      },
      async setRate(perSecond) {
        state.perSecond = perSecond
      },
      async setProfile(profile) {
        state.profile = profile
      },
      async hammer(path, perSecond) {
        state.hammered = perSecond === 0 ? null : path
      },
    },
    changes: {
      record: (given) => ({ who: 'somebody', ...given, id: 0, at: now }),
      since: () => changes,
    },
    directories: {
      state: folder,
      repository: join(folder, 'repository'),
      logs: join(folder, 'logs'),
      scratch: join(folder, 'scratch'),
    },
    async metrics() {
      now += 1_000 // whoever looks again, looks later
      const { metrics, lines } = consequences(state, now)
      for (const [name, line] of lines) log(name, line)
      return metrics
    },
    now: () => now,
    async sleep(ms) {
      now += ms
      await pause(1)
    },
    signal: aborting.signal,
  }
  return {
    system,
    snapshot: () => snapshotOf(state),
    visible() {
      const files = readdirSync(join(folder, 'scratch')).map((name) => join(folder, 'scratch', name))
      const environments = [...state.processes.values()].map((one) => JSON.stringify(one.overrides))
      const statements = state.sessions.flatMap((session) => session.statements)
      const texts = files.map((file) => `${basename(file)} ${readFileSync(file, 'utf8')}`)
      return [...texts, ...environments, ...statements, ...who].join('\n')
    },
    close() {
      aborting.abort()
      for (const one of state.processes.values()) one.child?.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function newState(): FakeState {
  return {
    commit: '1'.repeat(40),
    canary: null,
    configuration: new Map(),
    flags: new Set(),
    wires: new Map(),
    isExpired: false,
    drained: new Set(),
    perSecond: 20,
    profile: 'everyday',
    hammered: null,
    processes: new Map(
      NAMES.map((name) => [
        name as string,
        { isPaused: false, isDown: false, crashes: 0, overrides: {}, child: null },
      ]),
    ),
    sessions: [],
    indexes: new Map([
      ['orders_account_id', 'orders'],
      ['order_items_order_id', 'order_items'],
      ['products_name_prefix', 'products'],
    ]),
    password: 'first',
    isVolumeFull: false,
    databaseStarts: 1,
    statements: 0,
  }
}

function snapshotOf({
  processes,
  sessions,
  databaseStarts: _starts,
  statements: _statements,
  ...rest
}: FakeState): unknown {
  return structuredClone({
    ...rest,
    processes: [...processes].map(([name, { isPaused, isDown, overrides }]) => [
      name,
      isPaused,
      isDown,
      nodeOptionsOf(overrides),
      overrides.nodeFlags ?? null,
    ]),
    sessions: sessions.length,
  })
}

function nodeOptionsOf({ env }: ProcessOverrides): string | null {
  const value = env?.['NODE_OPTIONS'] ?? null
  return value === null ? null : basename(value)
}

function fakeProcess(name: string, { state, folder }: { state: FakeState; folder: string }): LabProcess {
  const own = state.processes.get(name)
  if (own === undefined) throw new Error(`no process ${name}`)

  const sleeper = (): ChildProcess => (own.child ??= spawn('sleep', ['600'], { stdio: 'ignore' }))

  return {
    name,
    logFile: join(folder, 'logs', `${name}.log`),
    get pid() {
      return own.isDown ? null : (sleeper().pid ?? null)
    },
    get state() {
      return own.isDown ? ('stopped' as const) : ('up' as const)
    },
    get crashes() {
      return own.crashes
    },
    kill() {
      own.crashes += 1
      own.child?.kill('SIGKILL')
      own.child = null
    },
    pause() {
      own.isPaused = true
      sleeper().kill('SIGSTOP')
    },
    resume() {
      own.isPaused = false
      own.child?.kill('SIGCONT')
    },
    async restart(overrides = {}) {
      own.overrides = { ...own.overrides, ...overrides }
      own.isDown = false
      own.isPaused = false
      own.child?.kill('SIGKILL')
      own.child = null
    },
    async stop() {
      own.isDown = true
      own.child?.kill('SIGKILL')
      own.child = null
    },
  }
}

function fakeWire(state: FakeState, name: string): Wire {
  return {
    port: 9,
    async set(toxic: Toxic | null) {
      if (toxic === null) state.wires.delete(name)
      else state.wires.set(name, toxic)
    },
  }
}

/** The same system, in which every verb that changes something answers politely and does nothing. */
export function withoutEffect(system: LabSystem): LabSystem {
  const nothing = async (): Promise<void> => {}
  const back = async (): Promise<() => Promise<void>> => nothing
  return {
    ...system,
    processes: {
      names: () => system.processes.names(),
      get: (name) => idle(system.processes.get(name)),
    },
    releases: {
      ...system.releases,
      deploy: async () => system.releases.current(),
      rollback: async () => system.releases.current(),
      canary: nothing,
      scale: nothing,
    },
    configuration: { get: (service) => system.configuration.get(service), set: back, reset: nothing },
    flags: { get: (name) => system.flags.get(name), all: () => system.flags.all(), set: nothing },
    database: {
      ...system.database,
      admin: async (sql, values) =>
        /^\s*(SELECT(?!.*pg_terminate)|EXPLAIN)/is.test(sql) ? system.database.admin(sql, values) : [],
      as: async (_role: DatabaseRole): Promise<DatabaseSession> => ({
        processId: 0,
        query: async () => [],
        close: nothing,
      }),
      restart: nothing,
      changePassword: back,
      moveToSmallVolume: async () => ({ path: '', fill: nothing, undo: nothing }),
    },
    wires: {
      payment: { port: system.wires.payment.port, set: nothing },
      mail: { port: system.wires.mail.port, set: nothing },
    },
    certificates: { payment: { ...system.certificates.payment, expire: nothing, renew: nothing } },
    balancer: {
      ...system.balancer,
      drain: nothing,
      restore: nothing,
      setWeight: nothing,
      setMaintenance: nothing,
    },
    shoppers: {
      get perSecond() {
        return system.shoppers.perSecond
      },
      get profile() {
        return system.shoppers.profile
      },
      setRate: nothing,
      setProfile: nothing,
      hammer: nothing,
    },
  }
}

/** Is seen, and does not do what it is told. */
function idle(real: LabProcess): LabProcess {
  return {
    name: real.name,
    logFile: real.logFile,
    get pid() {
      return real.pid
    },
    get state() {
      return real.state
    },
    get crashes() {
      return real.crashes
    },
    kill() {},
    pause() {},
    resume() {},
    async restart() {},
    async stop() {},
  }
}
