import { smallestChange } from '../change-runs.ts'
import { withoutComment } from '../code-words.ts'
import type { Clue, Sighting } from './clue.ts'

const CHANCE =
  /\brandom\.(?:choice|random|randint|uniform|sample|shuffle)\b|\bsecrets\.\w+\(|Math\.random\(|crypto\.random\w+\(|\brand\.(?:Int|Float|Intn|Perm)\w*\(|new Random\(|ThreadLocalRandom|Random\.(?:Shared|rand)|\brand\(|\bmt_rand\(|\bSecureRandom\b|\bfastrand::|thread_rng\(\)/
const CLOCK =
  /\b(?:datetime|date)\.(?:now|today|utcnow)\(|\btime\.(?:time|Now)\(|Date\.now\(|new Date\(\)|System\.currentTimeMillis\(|DateTime\.(?:Utc)?Now|LocalDate(?:Time)?\.now\(|Time\.now|Instant\.now\(/

/** Did the commit let chance or the clock decide, in a function of the trace? */
export const addedNondeterminism: Clue = (scene, view) => {
  const sightings: Sighting[] = []
  for (const file of view.files.filter(({ role }) => role === 'source')) {
    const frames = scene.frames.filter((frame) => frame.file === scene.pathToday(file.change.path))
    for (const edit of file.edits) {
      const frame = frames.find((one) => one.function === edit.name)
      const isChance = (text: string): boolean => CHANCE.test(withoutComment(text))
      const isClock = (text: string): boolean => CLOCK.test(withoutComment(text))
      const count = (lines: readonly { text: string }[], test: (text: string) => boolean): number =>
        lines.filter(({ text }) => test(text)).length
      const chance = count(edit.added, isChance) > count(edit.removed, isChance)
      const clock = count(edit.added, isClock) > count(edit.removed, isClock)
      if (!chance && !clock) continue
      const run = edit.runs.find(({ added }) => added.some(({ text }) => isChance(text) || isClock(text)))
      const where = frame === undefined ? (frames.length > 0 ? 0.4 : 0.15) : frame.weight
      sightings.push({
        signal: 'added-nondeterminism',
        strength: where * (chance ? 1 : 0.4),
        summary: `lets ${chance ? 'chance' : 'the clock'} decide in ${edit.name === '' ? edit.file : edit.name}`,
        hunks: run === undefined ? [] : [smallestChange(run, (text) => isChance(text) || isClock(text))],
      })
    }
  }
  return sightings
}
