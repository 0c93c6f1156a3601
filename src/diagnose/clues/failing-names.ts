import { changedNames, runAsHunk } from '../change-runs.ts'
import { namesIn, withoutComment } from '../code-words.ts'
import type { CommitView } from '../function-edits.ts'
import { addsNamesOnly, isInert, isNewFunction } from '../inert-edit.ts'
import type { Scene } from '../scene.ts'
import { knowsWrongValue } from '../suspect-names.ts'
import type { Clue } from './clue.ts'

/**
 * Does the commit change code that speaks of what the failing statements speak of — data that another function builds,
 * a table, a constant? Names that many commits of the range use say little, and a commit that touches everything has
 * to share more than a small one.
 */
export const failingNames: Clue = (scene, view) => {
  const wanted = wantedNames(scene)
  if (wanted.size === 0 || view.runtimeLines === 0) return []
  const changed = namesChangedBy(scene, view)
  let total = 0
  let met = 0
  const shared: string[] = []
  for (const [name, weight] of wanted) {
    total += weight
    if (!changed.has(name)) continue
    met += weight
    shared.push(name)
  }
  if (shared.length === 0) return []
  const focus = 1 / (1 + Math.log10(1 + view.runtimeLines / 40))
  const telling = shared.toSorted((a, b) => (wanted.get(b) ?? 0) - (wanted.get(a) ?? 0))
  return [
    {
      signal: 'shares-failing-names',
      strength: Math.min(1, (met / total) * (0.5 + focus)),
      summary: `changed code with names of the failing statements: ${telling.slice(0, 4).join(', ')}`,
      hunks: runsWith(view, telling.slice(0, 4)),
    },
  ]
}

function wantedNames(scene: Scene): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>()
  const want = (code: string, weight: number): void => {
    for (const name of namesIn(code)) {
      wanted.set(name, Math.max(wanted.get(name) ?? 0, weight * scene.rarity(name)))
    }
  }
  const isPrecise = knowsWrongValue(scene)
  for (const [name, weight] of scene.suspects) wanted.set(name, weight * scene.rarity(name))
  for (const frame of scene.frames) {
    want(frame.statement, frame.weight ** 2 * (isPrecise && frame.depth === 0 ? 0.3 : 1))
    if (frame.depth > 0 || frame.functionRange === null) continue
    // What led to the failing line stands above it.
    const [from, to] = frame.functionRange
    const lines =
      scene.sourceToday(frame.file)?.lines.slice(from - 1, Math.min(to, frame.line ?? to, from + 80)) ?? []
    want(lines.map(withoutComment).join('\n'), 0.15 * frame.weight)
  }
  return wanted
}

/** Of code that is new, only what the trace runs through counts: nothing else had a reason to call it. */
function namesChangedBy(scene: Scene, view: CommitView): ReadonlySet<string> {
  const inTrace = new Set(scene.frames.map((frame) => frame.function))
  const edits = view.files
    .flatMap((file) => file.edits)
    .filter((edit) => !edit.cosmetic && !isInert(edit) && !addsNamesOnly(edit))
    .filter((edit) => !isNewFunction(edit) || inTrace.has(edit.name) || scene.suspects.has(edit.name))
  return new Set(edits.flatMap((edit) => [...edit.changedNames]))
}

function runsWith(view: CommitView, names: readonly string[]): ReturnType<typeof runAsHunk>[] {
  const runs = view.files.filter((file) => file.edits.length > 0).flatMap((file) => file.runs)
  const count = (run: (typeof runs)[number]): number => {
    const own = changedNames(run)
    return names.filter((name) => own.has(name)).length
  }
  return runs
    .filter((run) => count(run) > 0)
    .toSorted((a, b) => count(b) - count(a))
    .slice(0, 3)
    .map((run) => runAsHunk(run, ({ text }) => names.some((name) => text.includes(name))))
}
