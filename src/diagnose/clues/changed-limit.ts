import type { ChangeRun, LinePair } from '../change-runs.ts'
import { linePairs, pairAsHunk } from '../change-runs.ts'
import { withoutComment } from '../code-words.ts'
import { isRuntimeRole } from '../file-role.ts'
import type { Scene } from '../scene.ts'
import type { Clue, Sighting } from './clue.ts'

const LIMIT =
  /(max|min|limit|size|pool|time_?-?out|timeout|ttl|retr(y|ies)|worker|thread|concurren|capacity|backlog|interval|heap|memory|quota|buffer|connections|keep_?-?alive|lifetime|deadline|rate|burst|backoff|queue)/i

/** Did a number that bounds something change: a pool's size, a time-out, a memory limit? */
export const changedLimit: Clue = (scene, view) => {
  const files = view.files.filter(({ role }) => isRuntimeRole(role) && role !== 'dependency')
  const changes = files.flatMap(({ runs }) =>
    runs.flatMap((run) => linePairs(run).map((pair) => ({ run, pair }))),
  )
  return changes.map(({ run, pair }) => sightingOf(scene, run, pair)).filter((sighting) => sighting !== null)
}

function sightingOf(scene: Scene, run: ChangeRun, pair: LinePair): Sighting | null {
  const before = withoutComment(pair.removed.text)
  const after = withoutComment(pair.added.text)
  const old = numbersIn(before)
  const now = numbersIn(after)
  if (old.length === 0 || mask(before) !== mask(after) || !LIMIT.test(before)) return null
  const at = old.findIndex((number, index) => number !== now[index])
  if (at < 0) return null
  const from = old[at] ?? 0
  const to = now[at] ?? 0
  const name =
    LIMIT.exec(before.slice(0, before.search(/\d(?![\w]*[A-Za-z_])/)))?.input.match(/[\w.-]+(?=\W*$)/)?.[0] ??
    before.trim()
  const strength = inQuestion(scene, before, to < from)
  return {
    signal: strength > 0 ? 'changed-limit-in-question' : 'changed-limit',
    strength: strength > 0 ? strength : 1,
    summary: `changed ${name} from ${from} to ${to} in ${run.file}`,
    hunks: [pairAsHunk(run, pair)],
  }
}

/** 0–1: could this limit, moved this way, bring these symptoms? */
function inQuestion(scene: Scene, text: string, isLower: boolean): number {
  const { ailments } = scene
  const isTime = /time_?-?out|timeout|deadline|ttl|interval|_ms\b|_seconds/i.test(text)
  if (ailments.has('exhaustion') && !isTime)
    return isLower && /pool|max|size|conn|limit/i.test(text) ? 1 : 0.25
  // A shorter wait turns a queue into errors, but it is not what made the queue.
  if (ailments.has('exhaustion') && isTime) return 0.25
  if ((ailments.has('slowness') || ailments.has('dependency')) && isTime) return isLower ? 1 : 0.5
  if (ailments.has('memory') && /heap|memory|cache|buffer|size|limit|max/i.test(text)) return 0.9
  if (ailments.has('locking') && /lock|time/i.test(text)) return 0.5
  return 0
}

function numbersIn(text: string): number[] {
  return (text.match(/(?<![\w.])\d[\d_]*(?:\.\d+)?/g) ?? []).map((number) =>
    Number(number.replaceAll('_', '')),
  )
}

function mask(text: string): string {
  return text.replace(/(?<![\w.])\d[\d_]*(?:\.\d+)?/g, '0').replace(/\s+/g, '')
}
