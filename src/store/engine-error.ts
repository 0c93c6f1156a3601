/** An error in ClickHouse's words, with its number. */
export class EngineError extends Error {
  readonly code: number

  constructor(code: number, message: string, name: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${name})`)
    this.name = 'EngineError'
    this.code = code
  }
}

/** Number and text of whatever went wrong; the engine's own errors carry theirs in front. */
export function describeFailure(error: unknown): {
  readonly code: number
  readonly message: string
  readonly status: number
} {
  const message = error instanceof Error ? error.message : String(error)
  const known = /Code: (\d+)\./.exec(message)?.[1]
  if (known !== undefined) return { code: Number(known), message, status: statusOf(Number(known)) }
  if (/ENOSPC/.test(message)) {
    return {
      code: 243,
      message: `Code: 243. DB::Exception: Cannot write: no space left on device. (NOT_ENOUGH_SPACE)`,
      status: 500,
    }
  }
  return { code: 1002, message: `Code: 1002. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`, status: 500 }
}

/** As ClickHouse's HTTP interface answers: what the asker got wrong is 4xx, all else 500. */
function statusOf(code: number): number {
  if (code === 516 || code === 194) return 403
  if (code === 60 || code === 81 || code === 47 || code === 46) return 404
  if (code === 202 || code === 241) return 503
  const asked = new Set([36, 42, 43, 44, 53, 62, 115, 117, 164, 386, 456, 457])
  return asked.has(code) ? 400 : 500
}
