import { isRuntimeRole } from '../file-role.ts'
import type { CommitView } from '../function-edits.ts'
import type { Clue, Sighting } from './clue.ts'

/** What speaks against a commit: it changes nothing that runs, or only how the code looks, or it came too late. */
export const nothingThatRuns: Clue = (scene, view) => {
  const sightings: Sighting[] = []
  const against = emptiness(view)
  if (against !== null) sightings.push(against)
  const { onsetAt } = scene.symptoms
  // A release may be built from a commit within the minute; clocks differ by some more.
  if (onsetAt !== null && scene.range.deployedAt === null && view.commit.committedAt > onsetAt + 300_000) {
    sightings.push({
      signal: 'made-after-the-onset',
      strength: 1,
      summary: 'was made after the failures had begun',
      hunks: [],
    })
  }
  return sightings
}

function emptiness(view: CommitView): Sighting | null {
  const running = view.files.filter(({ role }) => isRuntimeRole(role))
  if (running.length === 0) {
    const isMerge = view.commit.parents.length > 1
    const summary =
      isMerge && view.files.length === 0
        ? 'is a merge that changes nothing of its own'
        : `changes only ${[...new Set(view.files.map(({ role }) => role))].join(', ').replaceAll('-', ' ')} files`
    return { signal: 'changes-nothing-that-runs', strength: 1, summary, hunks: [] }
  }
  // A renamed file, settings, a lock file: without edits of functions nothing tells that it is only looks.
  if (view.runtimeLines > 0 || running.some(({ edits }) => edits.length === 0)) return null
  const summary = 'changes only how the code looks: comments, spaces, line breaks'
  return { signal: 'changes-only-how-code-looks', strength: 1, summary, hunks: [] }
}
