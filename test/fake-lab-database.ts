import type { Database, DatabaseSession } from '../src/lab/platform/lab-system.ts'
import type { FakeSession, FakeState } from './fake-lab-effects.ts'

type Row = Readonly<Record<string, unknown>>
type Answer = (state: FakeState, match: RegExpExecArray, values: readonly unknown[]) => readonly Row[]

const LIMIT = 100
const RESERVED = 4

/** The few statements that faults send, and what a server would answer; anything else is a mistake of the test. */
const answers: readonly (readonly [RegExp, Answer])[] = [
  [
    /FROM pg_stat_user_indexes/,
    ({ indexes }) =>
      [...indexes].map(([name, table]) => ({ name, table, definition: definitionOf(name, table) })),
  ],
  [
    /FROM pg_indexes/,
    ({ indexes }) => [...indexes].map(([name, table]) => ({ definition: definitionOf(name, table) })),
  ],
  [/^DROP INDEX (\S+)/, ({ indexes }, [, name = '']) => none(() => indexes.delete(name))],
  [
    /^CREATE INDEX (\S+) ON (\S+)/,
    ({ indexes }, [, name = '', table = '']) => none(() => indexes.set(name, table)),
  ],
  [/seq_scan/, ({ indexes }) => [{ scans: 300 - 100 * indexes.size }]],
  [
    /'idle in transaction'/,
    ({ sessions }) => [{ sessions: sessions.filter((one) => one.statements.includes('BEGIN')).length }],
  ],
  [
    /wait_event_type = 'Lock'/,
    ({ sessions }) => [
      { waiting: sessions.filter((one) => one.statements.some((sql) => sql.startsWith('UPDATE'))).length },
    ],
  ],
  [/string_agg/, ({ sessions }) => [{ running: sessions.filter((one) => one.cancel !== null).length }]],
  [
    /usename = '(\w+)'$/,
    ({ sessions }, [, role]) => [
      { sessions: countOf(sessions, role), clients: role === 'shop' ? clientsOf(sessions) : 0 },
    ],
  ],
  [
    /pg_terminate_backend\(\$1\)/,
    ({ sessions }, _match, [pid]) => none(() => sessions.find((one) => one.processId === pid)?.cancel?.()),
  ],
  [/pg_terminate_backend/, () => []],
  [/pg_postmaster_start_time/, ({ databaseStarts }) => [{ at: String(databaseStarts) }]],
  [/pg_stat_statements/, (state) => [{ query: 'SELECT', calls: (state.statements += runsOf(state)) }]],
  [/rolpassword/, ({ password }) => [{ digest: password }]],
]

function none(change: () => unknown): readonly Row[] {
  change()
  return []
}

/** A release of a fault sends a multiple of what others do. */
function runsOf({ commit, canary }: FakeState): number {
  return [commit, canary].some((one) => one?.startsWith('f') === true) ? 10_000 : 0
}

function countOf(sessions: readonly FakeSession[], role: string | undefined): number {
  return sessions.filter((one) => one.role === role).length
}

function clientsOf(sessions: readonly FakeSession[]): number {
  return 9 + countOf(sessions, 'shop')
}

function definitionOf(name: string, table: string): string {
  return `CREATE INDEX ${name} ON ${table} USING btree (id)`
}

export function createFakeDatabase(state: FakeState): Database {
  return {
    limit: LIMIT,
    async admin(sql, values = []) {
      if (sql.trim().endsWith("usename = 'shop'") && isMisled(state)) return [{ clients: 0, sessions: 0 }]
      for (const [pattern, answer] of answers) {
        const match = pattern.exec(sql.trim())
        if (match !== null) return answer(state, match, values)
      }
      throw new Error(`the fake database does not know: ${sql}`)
    },
    async as(role) {
      if (state.sessions.length + 10 >= LIMIT - RESERVED) throw new Error('sorry, too many clients already')
      return openSession(state, role)
    },
    urlOf: (role) => `postgresql://${role}@127.0.0.1:5432/shop`,
    async restart() {
      state.databaseStarts += 1
    },
    async changePassword() {
      state.password = 'second'
      return async () => {
        state.password = 'first'
      }
    },
    moveToSmallVolume: async () => ({
      path: '/nowhere',
      async fill() {
        state.isVolumeFull = true
      },
      async undo() {
        state.isVolumeFull = false
      },
    }),
  }
}

function isMisled({ configuration }: FakeState): boolean {
  return configuration.get('DATABASE_URL')?.includes(':1/') === true
}

function openSession(state: FakeState, role: string): DatabaseSession {
  const session: FakeSession = { processId: state.sessions.length + 1, role, statements: [], cancel: null }
  state.sessions.push(session)
  return {
    processId: session.processId,
    async query(sql) {
      session.statements.push(sql)
      if (!sql.includes('string_agg')) return []
      return new Promise((_resolve, reject) => {
        session.cancel = () => reject(new Error('terminating connection'))
      })
    },
    async close() {
      const at = state.sessions.indexOf(session)
      if (at >= 0) state.sessions.splice(at, 1)
    },
  }
}
