import type { ChangeRun } from '../change-runs.ts'
import { changeRuns, linePairs, runAsHunk } from '../change-runs.ts'
import type { ChangedHunk } from '../commit-candidate.ts'
import type { EditedFile, FunctionEdit } from '../function-edits.ts'
import type { Guarantee, Hold } from '../release-guarantee.ts'
import { countReleases, holdsIn, speaksOfRelease } from '../release-guarantee.ts'
import type { Clue, Sighting } from './clue.ts'

/**
 * Does the commit keep what it took? Each function that it edits is read before and after: a resource that was given
 * back on every way out and now is not, is a leak, wherever the trace of the starving request points.
 */
export const stoppedReleasing: Clue = (scene, view) => {
  const starving = ['exhaustion', 'locking', 'memory'].some((one) => scene.ailments.has(one as 'exhaustion'))
  const signal = starving ? 'stopped-releasing-while-exhausted' : 'stopped-releasing'
  const sightings: Sighting[] = []
  for (const file of view.files.filter(({ role }) => role === 'source')) {
    for (const edit of file.edits.filter((one) => !one.cosmetic)) {
      const loss = lossOf(edit)
      if (loss === null) continue
      sightings.push({
        signal,
        strength: loss.strength,
        summary: loss.summary,
        hunks: tellingPart(file, edit),
      })
    }
  }
  return sightings
}

type Loss = { readonly strength: number; readonly summary: string }

function lossOf(edit: FunctionEdit): Loss | null {
  const before = edit.before ?? edit.removed.map(({ text }) => text)
  const after = edit.after ?? edit.added.map(({ text }) => text)
  return lossBetween(edit, before, after) ?? lossAround(edit)
}

function lossBetween(edit: FunctionEdit, before: readonly string[], after: readonly string[]): Loss | null {
  if (after.length === 0) return null
  return (
    weakenedHold(edit, before, after) ??
    fewerReleases(edit, before, after) ??
    unawaitedRelease(edit) ??
    exitBeforeRelease(edit, after) ??
    poolPerCall(edit)
  )
}

/** The function around, as a whole: a release may have moved between a closure and what holds it. */
function lossAround(edit: FunctionEdit): Loss | null {
  if (edit.around === null) return null
  const { before, after } = edit.around
  return weakenedHold(edit, before, after) ?? fewerReleases(edit, before, after)
}

const SURENESS: Record<Guarantee, number> = {
  always: 1,
  mostly: 0.55,
  sometimes: 0.2,
  never: 0,
  'handed-on': 1,
}

/** A resource of the function's own whose release became less sure, or a new one that is not released. */
function weakenedHold(edit: FunctionEdit, before: readonly string[], after: readonly string[]): Loss | null {
  const old = holdsIn(before)
  let worst: Loss | null = null
  const known = old.filter((hold) => hold.guarantee === 'always').map((hold) => hold.call)
  for (const hold of holdsIn(after, known)) {
    const was = counterpart(hold, old)
    const sure = was === null ? 1 : SURENESS[was.guarantee]
    const drop = sure - SURENESS[hold.guarantee]
    if (drop <= 0.05) continue
    // A new resource may be held on purpose; one that used to be given back is not.
    const strength = was === null ? drop * (isNewCode(edit) ? 0.6 : 0.75) : 0.45 + 0.55 * drop
    if (worst === null || worst.strength < strength) worst = { strength, summary: say(hold, was, edit) }
  }
  return worst
}

function counterpart(hold: Hold, old: readonly Hold[]): Hold | null {
  const verb = (call: string): string => /(\w+?)(?:Async)?$/.exec(call)?.[1] ?? call
  return (
    old.find((one) => one.name === hold.name && one.call === hold.call) ??
    old.find((one) => one.name === hold.name || verb(one.call) === verb(hold.call)) ??
    null
  )
}

function isNewCode(edit: FunctionEdit): boolean {
  return edit.before === null
}

function say(hold: Hold, was: Hold | null, edit: FunctionEdit): string {
  const where = `${edit.name === '' ? 'the top level' : edit.name} of ${edit.file}`
  const how = {
    never: 'is never given back',
    sometimes: 'is not given back on every way out',
    mostly: 'is not given back when an exception is raised',
    always: '',
    'handed-on': '',
  }[hold.guarantee]
  const since =
    was === null
      ? 'new here'
      : was.guarantee === 'always'
        ? 'before: on every way out'
        : 'before: more surely'
  return `\`${hold.name}\` of ${hold.call} ${how} in ${where} (${since})`
}

/** Releases of what others took: a pool's own `put`, a `close` hook, an `__exit__`. */
function fewerReleases(edit: FunctionEdit, before: readonly string[], after: readonly string[]): Loss | null {
  const old = countReleases(before)
  const now = countReleases(after)
  const where = `${edit.name === '' ? 'the top level' : edit.name} of ${edit.file}`
  // Fewer because less is taken is no leak.
  if (holdsIn(before).length > holdsIn(after).length) return null
  if (now.all < old.all)
    return { strength: now.all === 0 ? 0.85 : 0.7, summary: `removed a release in ${where}` }
  if (now.assured < old.assured) {
    return { strength: 0.55, summary: `${where} no longer releases on every way out (finally, defer)` }
  }
  return null
}

/** A release that nobody waits for any more: its failure is lost, and in some runtimes it never runs. */
function unawaitedRelease(edit: FunctionEdit): Loss | null {
  const lost = edit.runs.flatMap(linePairs).find(({ removed, added }) => {
    const gives = [removed, added].every(({ text }) => countReleases([text]).all > 0)
    return gives && /\bawait\b/.test(removed.text) && !/\bawait\b/.test(added.text)
  })
  return lost === undefined
    ? null
    : { strength: 0.65, summary: `no longer waits for the release in ${edit.name} of ${edit.file}` }
}

const POOL_MADE =
  /\bnew\s+(?:[\w.]+\.)?(?:Pool|ConnectionPool|HikariDataSource|PrismaClient|DataSource|MongoClient|Redis)\s*\(|\b(?:createPool|create_engine|create_async_engine|create_pool|ConnectionPool|AsyncConnectionPool|ThreadedConnectionPool|SimpleConnectionPool|MongoClient|pgxpool\.New\w*|sql\.Open|NpgsqlDataSource\.Create)\s*\(/

/** A pool of its own for every call: each keeps its connections. */
function poolPerCall(edit: FunctionEdit): Loss | null {
  if (
    edit.name === '' ||
    /create|make|init|open|connect|main|setup|build|new|configure|pool|engine|start|constructor/i.test(
      edit.name,
    )
  )
    return null
  const makes = ({ text }: { text: string }): boolean => POOL_MADE.test(text)
  if (edit.added.filter(makes).length <= edit.removed.filter(makes).length) return null
  return { strength: 0.8, summary: `makes a pool of its own in every call of ${edit.name} of ${edit.file}` }
}

/** A new way out above a release, in a function that releases what it was given. */
function exitBeforeRelease(edit: FunctionEdit, after: readonly string[]): Loss | null {
  if (holdsIn(after).length > 0 || countReleases(after).all === 0 || edit.afterFrom === 0) return null
  const { assured, all } = countReleases(after)
  if (assured === all) return null
  const isExit = (text: string): boolean =>
    /^\s*(?:\}?\s*(?:else\s+)?if\b.*)?\b(?:return|throw|raise|continue|break)\b/.test(text)
  const last = after.findLastIndex((line) => countReleases([line]).all > 0)
  const exits = edit.added.filter(({ line, text }) => isExit(text) && line - edit.afterFrom < last)
  const guards = edit.added.filter(
    ({ line, text }) =>
      /^\s*(?:\}\s*)?(?:else\s+)?(?:if|unless|when)\b/.test(text) &&
      line - edit.afterFrom < last &&
      last - (line - edit.afterFrom) <= 3,
  )
  if (exits.length === 0 && guards.length === 0) return null
  const how = exits.length > 0 ? 'leaves before its release' : 'releases only under a condition'
  return { strength: 0.6, summary: `${edit.name} of ${edit.file} now ${how}` }
}

/** The hunks with the release first: from the first line that speaks of it to the last, so that it can be taken back. */
function tellingPart(file: EditedFile, edit: FunctionEdit): ChangedHunk[] {
  const mine = new Set(edit.runs.map((run) => run.newStart))
  const hunks = file.change.hunks.filter((hunk) => changeRuns(hunk).some((run) => mine.has(run.newStart)))
  const spans = hunks.map((hunk) =>
    spanOf(
      hunk,
      changeRuns(hunk).filter((run) => mine.has(run.newStart) && isTelling(run)),
    ),
  )
  return [...spans.filter((span) => span !== null), ...hunks]
}

function isTelling(run: ChangeRun): boolean {
  return [...run.removed, ...run.added].some(({ text }) => speaksOfRelease(text) || /^\s*try\b/.test(text))
}

/** The part of a hunk that holds these runs and what lies between them. */
function spanOf(hunk: ChangedHunk, runs: readonly ChangeRun[]): ChangedHunk | null {
  const first = runs[0]
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return null
  if (first === last) return runAsHunk(first)
  let oldLine = hunk.oldStart
  let newLine = hunk.newStart
  const lines: string[] = []
  const oldEnd = last.oldStart + last.removed.length
  const newEnd = last.newStart + last.added.length
  for (const line of hunk.lines) {
    const inside =
      oldLine >= first.oldStart && newLine >= first.newStart && (oldLine < oldEnd || newLine < newEnd)
    if (inside) lines.push(line)
    if (!line.startsWith('+')) oldLine++
    if (!line.startsWith('-')) newLine++
  }
  return { file: hunk.file, oldStart: first.oldStart, newStart: first.newStart, lines }
}
