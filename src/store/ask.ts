import { AppError } from '../errors.ts'
import type { EpochMs } from '../time.ts'
import type { Engine } from './engine.ts'

export type Parameters = Readonly<Record<string, string | number>>

/** One question; the answer's rows. Values only ever go as parameters, bound by the engine. */
export type Ask = <Row>(sql: string, parameters: Parameters) => Promise<readonly Row[]>

/** A question waits so long for an engine that is being started again. */
const PATIENCE_MS = 3_000

/** Asks the engine. Throws `STORE_UNREACHABLE` and `STORE_QUERY_FAILED`. */
export function createAsk(engine: Engine): Ask {
  return async <Row>(sql: string, parameters: Parameters) => {
    const client = await engine.whenUp(PATIENCE_MS)
    if (client === null) throw unreachable('it is being started again')
    try {
      const answer = await client.query({
        query: sql,
        query_params: { ...parameters },
        format: 'JSONEachRow',
      })
      return await answer.json<Row>()
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      const isAnswer = cause instanceof Error && 'code' in cause && /^\d+$/.test(String(cause.code))
      if (!isAnswer) throw unreachable(message, cause)
      throw new AppError('STORE_QUERY_FAILED', `the telemetry store could not answer: ${message}`, {
        hint: 'a shorter window, or one service, is less to read',
        cause,
      })
    }
  }
}

function unreachable(why: string, cause?: unknown): AppError {
  return new AppError('STORE_UNREACHABLE', `the telemetry store is away: ${why}`, {
    hint: 'it is started again by itself; ask again in a few seconds',
    cause,
  })
}

/** Epoch milliseconds as the engine's nanoseconds. */
export function toNanoseconds(at: EpochMs): bigint {
  const whole = Math.floor(at)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((at - whole) * 1e6))
}

/** And back. In two parts: as one number, nanoseconds would lose up to 128 of them. */
export function fromNanoseconds(nanoseconds: string): EpochMs {
  return Number(nanoseconds.slice(0, -6)) + Number(nanoseconds.slice(-6)) / 1e6
}
