import { smallestChange } from '../change-runs.ts'
import { isRuntimeRole } from '../file-role.ts'
import type { Clue, Sighting } from './clue.ts'

const DROPS =
  /\bdrop\s+index\b|\bdrop_index\b|\bremove_index\b|\bRemoveIndex\b|\bDropIndex\b|\bdropIndex\b|\bdropUnique\b|\bdrop\s+(?:primary\s+key|constraint)\b/i
const MAKES =
  /\bcreate\s+(?:unique\s+)?index\b|\bcreate_index\b|\badd_index\b|\bAddIndex\b|\bAddIndexes\b|\bCreateIndex\b|\bcreateIndex\b|\bHasIndex\b|\bIndex\(|@Index\b|@@index\b|\bindex\s*[=:]\s*(?:true)\b|\bdb_index\s*=\s*True\b|->index\(|\bt\.index\b|\.index\(\[?['"]/i

/** Did the commit take an index away, or a condition that let a query use one? */
export const droppedIndex: Clue = (scene, view) => {
  const slow =
    scene.ailments.has('slowness') || scene.ailments.has('locking') || scene.ailments.has('exhaustion')
  const signal = slow ? 'dropped-index-while-slow' : 'dropped-index'
  const sightings: Sighting[] = []
  for (const file of view.files.filter(({ role }) => isRuntimeRole(role))) {
    // The way back of a migration drops what its way forth makes: only what is not also made counts.
    const makes = file.runs
      .flatMap(({ added }) => added)
      .filter(({ text }) => MAKES.test(text) && !DROPS.test(text)).length
    for (const run of file.runs) {
      const drops = run.added.filter(({ text }) => DROPS.test(text)).length
      const unmade = run.removed.filter(({ text }) => MAKES.test(text) && !DROPS.test(text)).length
      if (drops === 0 && unmade === 0) continue
      if (makes >= drops + unmade) continue
      sightings.push({
        signal,
        strength: slow && !scene.ailments.has('slowness') ? 0.6 : 1,
        summary: `${drops > 0 ? 'drops' : 'no longer makes'} an index in ${file.change.path}`,
        hunks: [smallestChange(run, (text) => DROPS.test(text) || MAKES.test(text))],
      })
    }
  }
  return sightings
}
