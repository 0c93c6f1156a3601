import { smallestChange } from '../change-runs.ts'
import type { ChangedHunk } from '../commit-candidate.ts'
import type { CommitView } from '../function-edits.ts'
import type { LineTouch } from '../line-history.ts'
import type { Clue, Sighting } from './clue.ts'

/** Who only passes an error on did not make it. */
const RERAISE = /^\s*(?:raise(?:\s+\w+)?(?:\s+from\s+\w+)?|throw\s+\w+;?)\s*$/
const PASSED_ON = 0.3

/** Did the commit write a line that the trace names, as blame tells it, through moves and renames? */
export const failingLine: Clue = (scene, view) => {
  const touches = scene.history.get(view.commit.sha) ?? []
  return touches.map((touch): Sighting => {
    const { frame, kind } = touch
    const verb = kind === 'wrote' ? 'wrote' : 'moved'
    const where = `${frame.file}:${frame.line ?? '?'}${frame.function === null ? '' : ` in ${frame.function}`}`
    return {
      signal: kind === 'wrote' ? 'wrote-failing-line' : 'moved-failing-line',
      strength:
        touch.share * frame.weight * (frame.depth > 0 && RERAISE.test(frame.statement) ? PASSED_ON : 1),
      summary: `${verb} the failing line ${where}`,
      hunks: changeAt(view, touch),
    }
  })
}

function changeAt(view: CommitView, touch: LineTouch): ChangedHunk[] {
  const runs = view.files.filter((file) => file.change.path === touch.file).flatMap((file) => file.runs)
  const run = runs.find(({ added }) => added.some(({ line }) => line === touch.line))
  const text = run?.added.find(({ line }) => line === touch.line)?.text
  return run === undefined ? [] : [smallestChange(run, (candidate) => candidate === text)]
}
