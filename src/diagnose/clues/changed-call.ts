import type { LinePair } from '../change-runs.ts'
import { linePairs, pairAsHunk } from '../change-runs.ts'
import { callsIn, namesIn, squashed, withoutComment } from '../code-words.ts'
import type { FunctionEdit } from '../function-edits.ts'
import { functionName } from '../function-outline.ts'
import type { Scene } from '../scene.ts'
import type { LocatedFrame } from '../locate-frames.ts'
import type { Clue, Sighting } from './clue.ts'

/** Did a line of the trace's functions keep its shape and call something else (load → loads, no await, other order)? */
export const changedCall: Clue = (scene, view) => {
  const sightings: Sighting[] = []
  for (const file of view.files) {
    const path = scene.pathToday(file.change.path)
    for (const edit of file.edits) {
      const frame = scene.frames.find((one) => one.file === path && one.function === edit.name)
      if (frame === undefined || edit.cosmetic) continue
      sightings.push(...changedCalls(scene, frame, edit))
    }
  }
  return sightings
}

function changedCalls(scene: Scene, frame: LocatedFrame, edit: FunctionEdit): Sighting[] {
  const sightings: Sighting[] = []
  for (const run of edit.runs) {
    for (const pair of linePairs(run)) {
      const what = functionName(pair.added.text, ' {') === null ? describeChange(pair) : null
      if (what === null) continue
      const isFailing =
        frame.statement !== '' && squashed([frame.statement]).includes(squashed([pair.added.text]))
      const isFeeding = namesIn(pair.added.text.split('=')[0] ?? '').some((name) => scene.suspects.has(name))
      sightings.push({
        signal: what.startsWith('no longer awaits') ? 'lost-await' : 'changed-call',
        strength: frame.weight * (isFailing || isFeeding ? 1 : 0.5) * (what.endsWith('arguments') ? 0.6 : 1),
        summary: `${what} in ${edit.name === '' ? frame.file : edit.name}`,
        hunks: [pairAsHunk(run, pair)],
      })
    }
  }
  return sightings
}

function describeChange(pair: LinePair): string | null {
  const before = withoutComment(pair.removed.text)
  const after = withoutComment(pair.added.text)
  if (/\bawait\b/.test(before) && !/\bawait\b/.test(after)) return 'no longer awaits a call'
  const old = callsIn(before)
  const now = callsIn(after)
  const gone = old.find((name) => !now.includes(name))
  const come = now.find((name) => !old.includes(name))
  if (gone !== undefined && come !== undefined) return `calls ${come} instead of ${gone}`
  if (old.length === 0 || old.join() !== now.join() || squashed([before]) === squashed([after])) return null
  return `calls ${now.at(-1) ?? ''} with other arguments`
}
