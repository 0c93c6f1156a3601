import { csharp } from './generated/csharp.ts'
import { go } from './generated/go.ts'
import type { Snapshot } from './generated/history.ts'
import { writeHistory } from './generated/history.ts'
import { java } from './generated/java.ts'
import { javascript } from './generated/javascript.ts'
import type { Chance, Language, Place, Program, Query, Store, TraceFrame } from './generated/model.ts'
import { chanceOf, leakingIdioms, safeIdioms } from './generated/model.ts'
import { python } from './generated/python.ts'

export const leakLanguages: readonly Language[] = [python, javascript, java, go, csharp]

/** A repository in which one commit stopped giving connections back; the truth is known because it was made so. */
export type LeakRepository = {
  readonly repository: string
  readonly language: string
  readonly culprit: string
  readonly good: string
  readonly bad: string
  readonly deployedAt: number
  readonly onsetAt: number
  /** `idiom` of the culprit, for telling failures apart. */
  readonly how: string
  readonly exception: {
    readonly type: string
    readonly message: string
    readonly frames: readonly (TraceFrame & { readonly inApp: boolean })[]
  }
  /** A log of the incident as the language's runtime would write it. */
  readonly log: string
  readonly commits: number
}

const START = Date.UTC(2026, 2, 2, 9)
const HOUR = 3_600_000
const ENTITIES = ['order', 'customer', 'invoice', 'stock', 'voucher', 'shipment']
const VERBS = ['find', 'load', 'latest', 'archived', 'open']
const VARIABLES = ['conn', 'connection', 'db', 'handle']

type Step = {
  readonly subject: string
  readonly apply: (program: Program) => void
  readonly isCulprit?: true
}

/** Makes the repository at `directory`. The same language and seed give the same commits. */
export function makeLeakRepository(directory: string, language: Language, seed: number): LeakRepository {
  const chance = chanceOf(seed * 7919 + language.name.length)
  const program = firstProgram(language, chance)
  const all = program.stores.flatMap((store) => store.queries)
  const [victim, leaking, ...others] = chance.shuffled(all)
  if (victim === undefined || leaking === undefined) throw new Error('expected at least two queries')
  const cast = { victim, leaking, others, language, chance }
  const culprit = culpritStep(cast, program)
  const steps = withCulprit(culprit, decoySteps(cast), chance)
  const snapshots = [snapshot(program, language, { subject: 'Serve the shop', at: START })]
  snapshots.push(snapshot(program, language, { subject: 'Describe how to run it', at: START + HOUR }))
  for (const [index, step] of steps.entries()) {
    step.apply(program)
    snapshots.push(snapshot(program, language, { subject: step.subject, at: START + (index + 2) * 5 * HOUR }))
  }
  const shas = writeHistory(directory, snapshots)
  const deployedAt = START + (steps.length + 3) * 5 * HOUR
  const frames = traceOf(language, victim, snapshots.at(-1)?.files ?? new Map())
  return {
    repository: directory,
    language: language.name,
    culprit: shas[steps.indexOf(culprit) + 2] ?? '',
    good: shas[1] ?? '',
    bad: shas.at(-1) ?? '',
    deployedAt,
    onsetAt: deployedAt + 10 * 60_000,
    how: culprit.subject,
    exception: { ...language.starving, frames },
    log: logOf(language, frames, deployedAt),
    commits: steps.length,
  }
}

function firstProgram(language: Language, chance: Chance): Program {
  const stores = chance
    .shuffled(ENTITIES)
    .slice(0, 4)
    .map((entity): Store => ({
      entity,
      helper: chance.next() < 0.5,
      queries: chance
        .shuffled(VERBS)
        .slice(0, 3)
        .map((verb): Query => newQuery(entity, verb, chance)),
    }))
  const extra = new Map([
    ['README.md', '# Shop\n\nRuns the shop.\n'],
    ['.github/workflows/ci.yml', 'on: push\njobs:\n  test:\n    runs-on: ubuntu-22.04\n'],
    ...stores.slice(0, 2).map(({ entity }) => language.testFile(entity, 'finds by key')),
  ])
  return { poolSize: 20, poolTimeoutMs: 30_000, driverVersion: '5.5.1', stores, extra }
}

function newQuery(entity: string, verb: string, chance: Chance): Query {
  return {
    verb,
    entity,
    columns: ['id', `${entity}_key`, 'created_at'],
    idiom: chance.pick(safeIdioms),
    logs: chance.next() < 0.3,
    validates: chance.next() < 0.3,
    comment: null,
    variable: chance.pick(VARIABLES),
  }
}

type Cast = {
  readonly victim: Query
  readonly leaking: Query
  readonly others: readonly Query[]
  readonly language: Language
  readonly chance: Chance
}

/** The leak, among other edits, under a subject that says nothing of it. */
function culpritStep({ leaking, chance }: Cast, program: Program): Step {
  const idiom = chance.pick(leakingIdioms)
  const isNew = chance.next() < 0.2
  const mixes = chance.next() < 0.5
  if (!isNew) {
    const subject = chance.pick([
      `Simplify ${leaking.verb} of ${leaking.entity}s`,
      `Return the ${leaking.entity} with its currency`,
      `Make ${leaking.entity} lookups easier to follow`,
      `Handle missing ${leaking.entity}s`,
    ])
    const apply = (): void => {
      leaking.idiom = idiom
      if (mixes) leaking.columns.push('currency')
      if (mixes && !leaking.logs) leaking.logs = true
    }
    return { subject, apply, isCulprit: true }
  }
  const store = program.stores.find(({ entity }) => entity === leaking.entity)
  const apply = (): void =>
    void store?.queries.push({ ...newQuery(leaking.entity, 'recent', chance), idiom: 'never-released' })
  return { subject: `Add recent ${leaking.entity}s`, apply, isCulprit: true }
}

/** Between 4 and 11 believable commits, among them always a pool time-out and edits of the code that will starve. */
function decoySteps({ victim, others, language, chance }: Cast): Step[] {
  const always: Step[] = [
    {
      subject: 'Give up sooner when the pool is busy',
      apply: (program) => (program.poolTimeoutMs = chance.pick([3000, 5000, 10_000])),
    },
    { subject: `Select the total of ${victim.entity}s`, apply: () => victim.columns.push('total_cents') },
  ]
  const other = chance.pick(others)
  const third = chance.pick(others)
  const [path, text] = language.testFile(other.entity, 'refuses an empty key')
  const sometimes: Step[] = [
    { subject: `Log ${victim.verb} of ${victim.entity}s`, apply: () => void (victim.logs = !victim.logs) },
    {
      subject: `Explain ${victim.verb}`,
      apply: () => void (victim.comment = 'the key is what the customer sees'),
    },
    { subject: `Check the key of ${other.entity}s`, apply: () => void (other.validates = !other.validates) },
    {
      subject: `Use the same form in ${third.verb}`,
      apply: () => void (third.idiom = third.idiom === 'scoped' ? 'finally' : 'scoped'),
    },
    { subject: `Rename a variable in ${other.verb}`, apply: () => void (other.variable = 'session') },
    {
      subject: `Look ${other.entity}s up by code`,
      apply: ({ stores }) =>
        void stores
          .find(({ entity }) => entity === other.entity)
          ?.queries.push(newQuery(other.entity, 'coded', chance)),
    },
    { subject: 'Bump the database driver', apply: (program) => void (program.driverVersion = '5.5.3') },
    {
      subject: 'Say how to run the tests',
      apply: ({ extra }) => void extra.set('README.md', '# Shop\n\nRuns the shop.\n\n## Tests\n'),
    },
    { subject: 'Test empty keys', apply: ({ extra }) => void extra.set(path, text) },
    {
      subject: 'Newer runner in CI',
      apply: ({ extra }) =>
        void extra.set('.github/workflows/ci.yml', 'on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n'),
    },
    {
      subject: `Normalise ${third.entity} keys`,
      apply: ({ stores }) =>
        stores
          .filter(({ entity }) => entity === third.entity)
          .forEach((store) => (store.helper = !store.helper)),
    },
    { subject: 'Room for more connections', apply: (program) => void (program.poolSize = 30) },
  ]
  return [...always, ...chance.shuffled(sometimes).slice(0, chance.between(2, 9))]
}

function withCulprit(culprit: Step, decoys: readonly Step[], chance: Chance): Step[] {
  const steps = chance.shuffled(decoys)
  // Never the newest: something always lies on top.
  steps.splice(chance.between(0, steps.length - 1), 0, culprit)
  return steps
}

function snapshot(program: Program, language: Language, head: Pick<Snapshot, 'subject' | 'at'>): Snapshot {
  const files = new Map([...language.files(program), ...program.extra])
  if (head.at === START) files.delete('README.md') // the second commit brings it
  return { ...head, files }
}

/** The innocent request that starves: where it waits for a connection, and who called it. */
function traceOf(
  language: Language,
  victim: Query,
  files: ReadonlyMap<string, string>,
): LeakRepository['exception']['frames'] {
  const own = language.places(victim).map((place) => ({ ...frameAt(language, place, files), inApp: true }))
  return [...language.starving.library.map((frame) => ({ ...frame, inApp: false })), ...own]
}

function frameAt(language: Language, place: Place, files: ReadonlyMap<string, string>): TraceFrame {
  const lines = files.get(place.file)?.split('\n') ?? []
  const head = lines.findIndex((line) => line.includes(place.head))
  const line = lines.findIndex((text, at) => at >= head && text.includes(place.text))
  if (head < 0 || line < 0) throw new Error(`expected "${place.text}" after "${place.head}" in ${place.file}`)
  const root = language.root === '' ? '' : `${language.root}/`
  return { file: `${root}${place.file}`, line: line + 1, function: place.function }
}

function logOf(
  language: Language,
  frames: LeakRepository['exception']['frames'],
  deployedAt: number,
): string {
  const lines: string[] = []
  const stamp = (at: number): string => new Date(at).toISOString()
  for (let minute = -10; minute < 30; minute++) {
    const at = deployedAt + minute * 60_000
    lines.push(`${stamp(at)} INFO request served in ${12 + Math.abs(minute)} ms`)
    if (minute < 10) continue
    lines.push(`${stamp(at + 5000)} ERROR request failed`, language.trace(frames, language.starving))
  }
  return `${lines.join('\n')}\n`
}
