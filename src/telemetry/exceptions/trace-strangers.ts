/**
 * Many ordinary lines begin like an exception (`Retrying: …`, `Config: …`). Whoever was asked often enough about such
 * a beginning and never saw it in a trace need not ask again: a trace that follows all the same is found by its frames.
 */
export type TraceStrangers = {
  isStranger(message: string): boolean
  /** The line was asked about, and was no part of a trace. */
  note(message: string): void
  /** It was part of one: its beginning is never a stranger's again. */
  clear(message: string): void
}

const ASKED_OFTEN = 32
const MAX_BEGINNINGS = 10_000

export function createTraceStrangers(): TraceStrangers {
  const asked = new Map<string, number>()
  return {
    isStranger: (message) => (asked.get(beginningOf(message)) ?? 0) >= ASKED_OFTEN,
    note(message) {
      const beginning = beginningOf(message)
      if (asked.size < MAX_BEGINNINGS) asked.set(beginning, (asked.get(beginning) ?? 0) + 1)
    },
    clear(message) {
      asked.set(beginningOf(message), Number.NEGATIVE_INFINITY)
    },
  }
}

/** Up to the first colon, or the first word. */
function beginningOf(message: string): string {
  const match = /^[^:]{1,60}?(?=:|\s|$)/.exec(message)
  return match ? match[0] : message.slice(0, 60)
}
