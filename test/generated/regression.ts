import type { Change } from '../small-history.ts'

/** One way in which a library stopped working: what the commit said and did, and what the failure looks like. */
export type Regression = {
  readonly name: string
  readonly subject: string
  readonly change: Change
  /** Later commits over the same code: they must not take the blame. */
  readonly later?: readonly (readonly [subject: string, change: Change])[]
  readonly type: string
  readonly message: string
  /** Innermost first, as the last version has them: file, a text of the failing line, function. */
  readonly frames: readonly (readonly [file: string, text: string, name: string])[]
  /** Frames of libraries, innermost, above the own ones. */
  readonly library?: readonly (readonly [file: string, line: number, name: string])[]
}
