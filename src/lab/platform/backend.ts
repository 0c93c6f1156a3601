import { Pool, request } from 'undici'

/** One instance as the balancer sees it. */
export type Backend = {
  readonly name: string
  readonly port: number
  readonly pool: Pool
  weight: number
  isHealthy: boolean
  failedChecks: number
  credit: number
  inFlight: number
}

/** Connections to one instance: far more than its pool, so that the balancer is never what runs out. */
const CONNECTIONS = 1_024
const ANSWER_WITHIN_MS = 30_000
const CHECK_WITHIN_MS = 1_000

export function createBackend(name: string, port: number): Backend {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: CONNECTIONS,
    pipelining: 1,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
    connectTimeout: 2_000,
    keepAliveTimeout: 4_000, // under what the apps keep, so that none is closed under a request
  })
  return { name, port, pool, weight: 1, isHealthy: true, failedChecks: 0, credit: 0, inFlight: 0 }
}

/** Asks on a connection of its own: a full pool says nothing of the instance's health. */
export async function answersWell({ port }: Backend): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/health`, {
      headersTimeout: CHECK_WITHIN_MS,
      bodyTimeout: CHECK_WITHIN_MS,
      signal: AbortSignal.timeout(CHECK_WITHIN_MS),
    })
    await body.dump()
    return statusCode < 400
  } catch {
    return false
  }
}
