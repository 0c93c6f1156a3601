import { Session } from 'chdb'
import { EngineError } from './engine-error.ts'
import { literal } from './engine-statement.ts'

/** A connection to the engine in this process; one statement at a time. */
export type EngineSession = {
  readonly chdb: Session
  database: string
}

/** The connections, lent one by one; who comes when all are lent waits in line. */
export type EngineSessions = {
  /** Runs `work` on a session with these settings and parameters, and takes them back afterwards. */
  use<Result>(setting: Setting, work: (session: Session) => Promise<Result>): Promise<Result>
  /** No new work; resolves when what runs has ended and the directory is let go. */
  close(): Promise<void>
}

type Setting = {
  readonly database: string
  readonly settings: ReadonlyMap<string, string>
  readonly parameters: ReadonlyMap<string, string>
}

/** Statements that may wait for a session; beyond it the engine says that it is too busy. */
const MAX_WAITING = 200

type SessionsOptions = {
  readonly count: number
  /** Of the engine's command line. */
  readonly args: readonly string[]
  /** Run once, before anything else. */
  readonly first: string
  /** `name = value`, for each session. */
  readonly settings: readonly string[]
}

/** Opens the directory `count` times over; the engine behind it is one, each session has settings of its own. */
export function openSessions(
  directory: string,
  { count, args, first, settings }: SessionsOptions,
): EngineSessions {
  const all = Array.from({ length: count }, () => {
    const chdb = new Session(directory, { connectionArgs: args })
    for (const one of settings) chdb.query(`SET ${one}`)
    return { chdb, database: 'default' }
  })
  all[0]?.chdb.query(first)
  const free: EngineSession[] = [...all]
  const waiting: ((session: EngineSession) => void)[] = []
  let isClosed = false

  async function take(): Promise<EngineSession> {
    if (isClosed) throw new EngineError(236, 'The engine is shutting down', 'ABORTED')
    const session = free.pop()
    if (session !== undefined) return session
    if (waiting.length >= MAX_WAITING) {
      throw new EngineError(
        202,
        `Too many simultaneous queries: ${MAX_WAITING} wait`,
        'TOO_MANY_SIMULTANEOUS_QUERIES',
      )
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  function give(session: EngineSession): void {
    const next = waiting.shift()
    if (next === undefined) free.push(session)
    else next(session)
  }

  return {
    async use(setting, work) {
      const session = await take()
      try {
        await prepare(session, setting)
        return await work(session.chdb)
      } finally {
        await restore(session, setting)
        give(session)
      }
    },
    async close() {
      isClosed = true
      await Promise.all(all.map(async () => free.pop() ?? new Promise((resolve) => waiting.push(resolve))))
      for (const { chdb } of all) chdb.close()
    },
  }
}

async function prepare(session: EngineSession, { database, settings, parameters }: Setting): Promise<void> {
  const sets = [
    ...[...settings].map(([name, value]) => `${name} = ${literal(value)}`),
    ...[...parameters].map(([name, value]) => `param_${name} = ${literal(value)}`),
  ]
  if (session.database !== database) {
    await session.chdb.queryAsync(`USE \`${database.replaceAll('`', '')}\``)
    session.database = database
  }
  if (sets.length > 0) await session.chdb.queryAsync(`SET ${sets.join(', ')}`)
}

async function restore({ chdb }: EngineSession, { settings }: Setting): Promise<void> {
  if (settings.size === 0) return
  try {
    await chdb.queryAsync(`SET ${[...settings.keys()].map((name) => `${name} = DEFAULT`).join(', ')}`)
  } catch {
    // A name that was refused when it was set is refused again; nothing was changed then.
  }
}
