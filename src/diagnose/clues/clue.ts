import type { ChangedHunk } from '../commit-candidate.ts'
import type { Signal } from '../clue-weights.ts'
import type { CommitView } from '../function-edits.ts'
import type { Scene } from '../scene.ts'

/** Something about a commit that bears on the failure. */
export type Sighting = {
  readonly signal: Signal
  /** 0–1; scales the signal's weight. */
  readonly strength: number
  readonly summary: string
  /** The changed places it speaks of, the most telling first. */
  readonly hunks: readonly ChangedHunk[]
}

/** Looks at one commit of the range for one kind of reason why it may explain the failure. */
export type Clue = (scene: Scene, view: CommitView) => readonly Sighting[]
