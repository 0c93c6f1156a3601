import pg from 'pg'
import { tracedPool } from '../telemetry.js'

/** The pool of this instance. Whoever takes a client with `connect` gives it back with `release`. */
export function createDatabase(config, log) {
  const pool = tracedPool(
    new pg.Pool({
      connectionString: config.database.url,
      application_name: config.instance,
      max: config.database.poolMax,
      connectionTimeoutMillis: config.database.connectTimeoutMs,
      idleTimeoutMillis: config.database.idleTimeoutMs,
      statement_timeout: config.database.statementTimeoutMs,
    }),
  )
  // A connection can break while somebody has it, too; whoever asks it next gets the error.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn(`a database connection was lost: ${error.message}`))
  })
  pool.on('error', () => {}) // the same for idle ones: told above
  return {
    query: (text, values) => pool.query(text, values),
    connect: () => pool.connect(),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  }
}

async function inTransaction(pool, work) {
  const client = await pool.connect()
  let broken
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((cause) => {
      broken = cause
    })
    throw error
  } finally {
    client.release(broken)
  }
}
