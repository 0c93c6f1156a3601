import type { FindingKind } from './finding.ts'

/** How one kind of error reads in the languages, drivers and servers that write it. */
export type SymptomRule = {
  readonly kind: FindingKind
  readonly pattern: RegExp
  /** 0–1; below 1 where the words are ambiguous. */
  readonly strength?: number
  /** Also telling in a line that is no error by its severity: slow-query logs, the kernel's OOM killer. */
  readonly quiet?: boolean
  /** One line is enough, however many other errors there are: a killed process writes only once. */
  readonly once?: boolean
}
