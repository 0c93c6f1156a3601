import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { InsertBlock } from './lane.ts'

/** Senders wait about ten seconds for an answer; by then they have it, whatever it is. */
const PATIENCE_MS = 6_000
const PAUSE_MS = 150

/** Errors of a server that is busy, not of the rows: memory, too many parts, too many questions, shutting down. */
const PASSING = /Code: (?:241|252|202|236|159|209|210|279|999)\./

/**
 * Inserts a block as Native. Where the engine dies on the way, the same insert is sent again under the same token, by
 * which the engine knows what it has: no row is lost, and none comes twice. Throws what cannot be helped in time.
 */
export function insertBlocks(
  engine: Engine,
  { now, bootId }: { now: () => number; bootId: string },
): InsertBlock {
  let count = 0
  return async ({ table, columnNames, data }) => {
    const token = `${bootId}-${count++}`
    const query = `INSERT INTO ${table} (${columnNames.map((name) => `\`${name}\``).join(', ')}) FORMAT Native`
    const until = now() + PATIENCE_MS
    for (;;) {
      try {
        return await insertOnce(engine, { query, data, token, limitMs: Math.max(0, until - now()) })
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        const isOfTheRows = /Code: \d+\./.test(message) && !PASSING.test(message)
        if (isOfTheRows || now() >= until) throw error
        await pause(PAUSE_MS)
      }
    }
  }
}

type Once = { query: string; data: Buffer; token: string; limitMs: number }

async function insertOnce(engine: Engine, { query, data, token, limitMs }: Once): Promise<void> {
  const client = await engine.whenUp(limitMs)
  if (client === null) throw new AppError('STORE_UNREACHABLE', 'the telemetry engine is away')
  const { stream } = await client.exec({
    query,
    values: Readable.from([data]),
    clickhouse_settings: { insert_deduplication_token: token },
  })
  for await (const chunk of stream) void chunk // an answer that is not read keeps its connection
}
