import { addedNondeterminism } from './added-nondeterminism.ts'
import { bumpedDependency } from './bumped-dependency.ts'
import { calledFunction } from './called-function.ts'
import { changedCall } from './changed-call.ts'
import { changedConfiguration } from './changed-configuration.ts'
import { changedLimit } from './changed-limit.ts'
import type { Clue } from './clue.ts'
import { droppedIndex } from './dropped-index.ts'
import { failingFunction } from './failing-function.ts'
import { failingLine } from './failing-line.ts'
import { failingNames } from './failing-names.ts'
import { lostGuard } from './lost-guard.ts'
import { messageWords } from './message-words.ts'
import { nothingThatRuns } from './nothing-that-runs.ts'
import { stoppedReleasing } from './stopped-releasing.ts'

/** Every kind of reason that is looked for. Adding one is a file beside these and a line here. */
export const allClues: readonly Clue[] = [
  failingLine,
  failingFunction,
  calledFunction,
  failingNames,
  messageWords,
  changedCall,
  lostGuard,
  stoppedReleasing,
  changedLimit,
  droppedIndex,
  bumpedDependency,
  changedConfiguration,
  addedNondeterminism,
  nothingThatRuns,
]
