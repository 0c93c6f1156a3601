/** The condition under which a line runs. */
export type Guard = {
  readonly kind: 'nondeterministic' | 'condition'
  /** As written: `random.choice([True, False])`. */
  readonly text: string
  readonly line: number
  /** The call that brings chance or time in; null for an ordinary condition. */
  readonly chance: string | null
  /** 0–1: the share of runs that take this path, where the expression tells it; else null. */
  readonly predictedShare: number | null
}

/** What the source around a failing frame says. Lines count from 1. */
export type SourceExplanation = {
  /** Path in the repository. */
  readonly file: string
  readonly line: number
  readonly language: string
  readonly function: string | null
  /** First and last line of the function. */
  readonly functionRange: readonly [number, number] | null
  /** Is the line itself a raise / throw / panic / explicit error return? */
  readonly raises: boolean
  readonly guard: Guard | null
  /** `unhandled`: nothing in the file catches it on the way out; `swallowed`: a handler drops it silently. */
  readonly handling: 'unhandled' | 'handled' | 'swallowed' | null
  /** The handler's line when handled or swallowed. */
  readonly handlerLine: number | null
  /** Lines around the failing one, for showing. */
  readonly snippet: readonly { readonly line: number; readonly text: string }[]
}
