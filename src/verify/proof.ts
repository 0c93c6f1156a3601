import type { Tally } from '../telemetry/index.ts'

/** What trying a fix showed. */
export type Proof =
  | {
      readonly kind: 'tried'
      readonly proven: boolean
      readonly before: Tally
      readonly after: Tally
      /** What was held the same and what was not, in a sentence. */
      readonly note: string
    }
  | { readonly kind: 'not-tried'; readonly reason: string }
