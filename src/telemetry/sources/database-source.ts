import type { EpochMs } from '../../time.ts'
import type { DatabaseProbe } from '../database-probe.ts'
import type { ProbeResult } from '../probe-result.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import type { DatabaseConnection, DatabaseFigures } from './database-connection.ts'
import { createStatementMemory, hitRatio } from './database-deltas.ts'
import { databaseMetrics } from './database-metrics.ts'
import { connect, isLoginRefused, openDatabase, placeOf, refusal, unreachable } from './database-place.ts'
import type { Place, ProbeDeps } from './database-place.ts'
import { createHandOver } from './hand-over.ts'
import { scheduledState } from './scheduled-state.ts'
import { startSchedule } from './schedule.ts'
import type { Source, SourceDeps } from './source.ts'

export type DatabaseSourceOptions = {
  /** As results name it. */
  readonly name: string
  /** `postgresql://`, `mysql://` or `mariadb://`; the role of docs/databases.md. */
  readonly url: string
  readonly service: string | null
  /** 5 s where it is left out. */
  readonly everyMs?: number | undefined
  /** 15 s where it is left out; statements are asked for with the next look. */
  readonly statementsEveryMs?: number | undefined
}

const EVERY_MS = 5_000
const STATEMENTS_EVERY_MS = 15_000
const EVERY_MS_WHILE_FAILING = 1_000

/**
 * Watches a database over one connection that it keeps, so that it has one when there are none left: sessions, limits,
 * locks, slow statements, replication, cache. Survives restarts of the server; a server that lets nobody in is a look
 * too (`refused`). Each look is a `DatabaseProbe`, its metrics, and a `ProbeResult` of kind `database`: does it answer?
 * A wrong role or password is a failing source, not a failing database. Throws `USAGE` for a URL that is none.
 */
export function startDatabaseSource(deps: SourceDeps, options: DatabaseSourceOptions): Source {
  const place = placeOf(options.url)
  const handOver = createHandOver(deps)
  const looker = createLooker(place, options)
  let reason: string | null = null

  const look = async (signal: AbortSignal): Promise<boolean> => {
    const beganAt = performance.now()
    const found = await looker.look(deps.now())
    if (signal.aborted) return true
    if (found.kind === 'login-refused') {
      reason = found.reason
      return false
    }
    reason = ''
    const durationMs = performance.now() - beganAt
    handOver.give(batchesOf(found, { options, place, durationMs }))
    return found.probe.refused === null
  }
  const schedule = startSchedule({
    everyMs: options.everyMs ?? EVERY_MS,
    everyMsWhileFailing: EVERY_MS_WHILE_FAILING,
    random: deps.random,
    signal: deps.signal,
    look,
  })
  return {
    async stop() {
      await schedule.stop()
      await handOver.close()
      await looker.close()
    },
    state: () => scheduledState(handOver, reason),
  }
}

type Found =
  | { readonly kind: 'looked'; readonly probe: DatabaseProbe; readonly figures: DatabaseFigures | null }
  | { readonly kind: 'login-refused'; readonly reason: string }

type Looker = { look(at: EpochMs): Promise<Found>; close(): Promise<void> }

function createLooker(place: Place, options: DatabaseSourceOptions): Looker {
  const { statementsEveryMs = STATEMENTS_EVERY_MS } = options
  let connection: DatabaseConnection | null = null
  let blocks: { readonly hit: number; readonly read: number } | null = null
  let memory = createStatementMemory()
  let statementsAt = Number.NEGATIVE_INFINITY

  async function lookWith(open: DatabaseConnection, at: EpochMs): Promise<Found> {
    const probe = await open.look(at)
    const figures = await open.figures()
    const now = { hit: figures.blocksHit ?? Number.NaN, read: figures.blocksRead ?? Number.NaN }
    const cacheHitRatio = hitRatio(blocks, now)
    blocks = now
    const statements = await statementsWith(open)
    const { longestTransactionMs, locks, replication } = figures
    const more = { cacheHitRatio, longestTransactionMs, replication, locks }
    const notes = [...new Set([...(probe.notes ?? []), ...figures.notes])]
    const whole = { ...probe, ...more, notes, ...(statements ? { statements } : {}) }
    return { kind: 'looked', probe: whole, figures }
  }
  async function statementsWith(open: DatabaseConnection): Promise<DatabaseProbe['statements'] | null> {
    if (performance.now() - statementsAt < statementsEveryMs) return null
    statementsAt = performance.now()
    const totals = await open.statements()
    return totals === null ? null : memory.since(totals)
  }
  async function close(): Promise<void> {
    await connection?.close().catch(() => {})
    connection = null
    // After a restart the server counts from nothing.
    blocks = null
    memory = createStatementMemory()
  }
  return {
    async look(at) {
      try {
        connection ??= await connect(place)
        return await lookWith(connection, at)
      } catch (error) {
        await close()
        if (isLoginRefused(error)) return { kind: 'login-refused', reason: unreachable(place, error).message }
        return { kind: 'looked', probe: refusal(at, place, error), figures: null }
      }
    },
    close,
  }
}

function batchesOf(
  { probe, figures }: Extract<Found, { kind: 'looked' }>,
  about: { readonly options: DatabaseSourceOptions; readonly place: Place; readonly durationMs: number },
): readonly TelemetryBatch[] {
  const { name, service } = about.options
  const refused = probe.refused?.reason ?? null
  const result: ProbeResult = {
    at: probe.at,
    probe: name,
    kind: 'database',
    target: probe.target,
    service,
    succeeded: refused === null,
    durationMs: about.durationMs,
    reason: refused === null ? '' : `expected to be let in, found: ${refused}`,
    expiresInSeconds: null,
  }
  return [
    { kind: 'databases', items: [probe] },
    { kind: 'metrics', items: databaseMetrics(probe, { name, service, engine: figures?.engine ?? [] }) },
    { kind: 'probes', items: [result] },
  ]
}

/** One whole look, for saying what an installation lacks: the version, and what the role may not see. */
export async function checkDatabase(
  deps: ProbeDeps,
  url: string,
): Promise<{ readonly version: string; readonly notes: readonly string[] }> {
  const place = placeOf(url)
  const opened = await openDatabase(deps, place)
  if ('refused' in opened) {
    return { version: '', notes: [`it let nobody in: ${opened.refused?.reason ?? 'no reason given'}`] }
  }
  try {
    const probe = await opened.look(deps.now())
    const figures = await opened.figures()
    const statements = await opened.statements().catch(() => null)
    const notes = [...(probe.notes ?? []), ...figures.notes]
    if (statements === null) notes.push(NO_STATEMENTS[probe.engine])
    return { version: probe.version ?? '', notes: [...new Set(notes)] }
  } catch (error) {
    throw unreachable(place, error)
  } finally {
    await opened.close().catch(() => {})
  }
}

const NO_STATEMENTS: Readonly<Record<DatabaseProbe['engine'], string>> = {
  postgresql:
    "slow statements are not counted: add pg_stat_statements to shared_preload_libraries, CREATE EXTENSION pg_stat_statements, and GRANT pg_read_all_stats TO the probe's role",
  mysql:
    "slow statements are not counted: set performance_schema=ON, and GRANT SELECT ON performance_schema.* TO the probe's user",
  mariadb:
    "slow statements are not counted: set performance_schema=ON, and GRANT SELECT ON performance_schema.* TO the probe's user",
}
