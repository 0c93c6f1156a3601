import type { ChangeRun } from '../change-runs.ts'
import { runAsHunk } from '../change-runs.ts'
import { namesIn, withoutComment } from '../code-words.ts'
import { isRuntimeRole } from '../file-role.ts'
import { isNewFunction } from '../inert-edit.ts'
import { withoutTypes } from '../without-types.ts'
import type { Clue, Sighting } from './clue.ts'

const GUARD =
  /\?\.|\?\?|\|\||\bor\s+(?:\{|\[|\(|['"\d]|None\b|[a-z])|\.get\(|getattr\(|hasattr\(|isinstance\(|\btypeof\b|\bis (?:not )?None\b|[!=]==?\s*(?:null|undefined|nil)\b|\bif\s*\(?!|\bif not\b|\bnot in\b|\bexcept\b|\bcatch\b|\brescue\b|\bsetdefault\(|Optional|unwrap_or|OrDefault/g
/** The guards' own words are no names of what they guard. */
const OWN_WORDS = /^(?:getattr|hasattr|isinstance|get|setdefault|Optional|self|name|value)$/
const NOTHING =
  /[:=(,]\s*(?:null|None|undefined|nil)\b|\breturn\s+(?:null|None|undefined|nil)\b|^\s*return;?\s*$/g

/** Did the commit take a guard away from what failed (a check, a default, a handler), or put nothing in its place? */
export const lostGuard: Clue = (scene, view) => {
  const sightings: Sighting[] = []
  for (const file of view.files.filter(({ role }) => isRuntimeRole(role))) {
    const fresh = new Set(
      file.edits.filter((edit) => isNewFunction(edit) || edit.cosmetic).flatMap(({ runs }) => runs),
    )
    for (const run of file.runs.filter((one) => one.removed.length > 0 && !fresh.has(one))) {
      const what = lossOf(run)
      if (what === null) continue
      const names = namesOf(run)
      const strength = Math.max(
        0,
        ...names.map((name) => (scene.suspects.get(name) ?? 0) * scene.rarity(name)),
      )
      const name = names
        .values()
        .find((one) => (scene.suspects.get(one) ?? 0) * scene.rarity(one) === strength)
      if (strength <= 0 || name === undefined) continue
      const summary = `${what} ${name} in ${file.change.path}, which the failing code depends on`
      sightings.push({ signal: 'lost-guard', strength, summary, hunks: [runAsHunk(run)] })
    }
  }
  // A large commit loses many checks; one of them would be it.
  return sightings.toSorted((a, b) => b.strength - a.strength).slice(0, 1)
}

function namesOf({ removed, added }: ChangeRun): string[] {
  const code = [...removed, ...added].map(({ text }) => withoutComment(text)).join('\n')
  return [...new Set(namesIn(code))].filter((name) => !OWN_WORDS.test(name))
}

function lossOf(run: ChangeRun): string | null {
  const count = (lines: ChangeRun['added'], pattern: RegExp): number =>
    withoutTypes(
      run.file,
      lines.map(({ text }) => withoutComment(text)),
    ).reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0)
  if (count(run.removed, GUARD) > count(run.added, GUARD)) return 'took away a check of'
  return count(run.added, NOTHING) > count(run.removed, NOTHING) ? 'lets nothing be' : null
}
