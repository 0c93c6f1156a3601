import type { DatabaseRole, DatabaseSession, LabSystem } from '../platform/lab-system.ts'

export type Crowd = {
  /** Opens one more where there is a slot; false where there is none. */
  open(): Promise<boolean>
  /** Somebody ended our sessions: a job would notice, and give up. */
  isBroken(): Promise<boolean>
  readonly size: number
  close(): Promise<void>
}

export type CrowdOptions = {
  readonly role: DatabaseRole
  /** As a program names itself to the server; it stands in pg_stat_activity. */
  readonly applicationName: string
  /** Run in each session once it is open. */
  readonly begin: readonly string[]
}

/** Sessions of one program with the database, held open until they are closed. */
export function createCrowd(system: LabSystem, { role, applicationName, begin }: CrowdOptions): Crowd {
  const sessions: DatabaseSession[] = []
  return {
    async open() {
      const session = await system.database.as(role).catch(() => null)
      if (session === null) return false
      sessions.push(session)
      await session.query(`SET application_name = '${applicationName}'`)
      for (const statement of begin) await session.query(statement)
      return true
    },
    async isBroken() {
      const [first] = sessions
      if (first === undefined) return false
      return first.query('SELECT 1').then(
        () => false,
        () => true,
      )
    },
    get size() {
      return sessions.length
    },
    async close() {
      await Promise.all(sessions.map((session) => session.close()))
    },
  }
}
