import type { LineHistory } from './line-history.ts'
import type { ChangeRange } from './commit-candidate.ts'
import type { CommitView, SourceText } from './function-edits.ts'
import type { LocatedFrame } from './locate-frames.ts'
import type { SuspectNames } from './suspect-names.ts'
import type { Ailment, Symptoms } from './symptoms.ts'

/** Everything that the clues look at: the failure on one side, the commits of the range on the other. */
export type Scene = {
  readonly symptoms: Symptoms
  readonly ailments: ReadonlySet<Ailment>
  readonly range: ChangeRange
  /** The innermost first. */
  readonly frames: readonly LocatedFrame[]
  /** Names that the failing statements hang on. */
  readonly suspects: SuspectNames
  /** Commit → what it did to the failing lines. */
  readonly history: LineHistory
  readonly views: readonly CommitView[]
  /** How rare a name is among the range's commits: 0 where all change it, 1 where one does. */
  readonly rarity: (name: string) => number
  /** Today's path of a file that was renamed within the range. */
  readonly pathToday: (path: string) => string
  readonly sourceToday: (path: string) => SourceText | null
}
