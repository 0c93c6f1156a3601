import type { Snapshot } from './generated/history.ts'
import { writeHistory } from './generated/history.ts'
import type { Chance } from './generated/model.ts'
import { chanceOf } from './generated/model.ts'
import { noiseOn } from './generated/noise.ts'
import { parcelJavascript } from './generated/parcel-javascript.ts'
import { parcelPython } from './generated/parcel-python.ts'
import type { Regression } from './generated/regression.ts'
import { javascriptRegressions } from './generated/regressions-javascript.ts'
import { pythonRegressions } from './generated/regressions-python.ts'
import type { Change } from './small-history.ts'
import { applyChange } from './small-history.ts'

/** A library, and the ways in which it stopped working. */
export type RegressionSet = {
  readonly language: 'javascript' | 'python'
  readonly program: Readonly<Record<string, string>>
  readonly regressions: readonly Regression[]
}

export const regressionSets: readonly RegressionSet[] = [
  { language: 'javascript', program: parcelJavascript, regressions: javascriptRegressions },
  { language: 'python', program: parcelPython, regressions: pythonRegressions },
]

export type RegressionRepository = {
  readonly repository: string
  readonly culprit: string
  readonly good: string
  readonly bad: string
  readonly commits: number
  readonly deployedAt: number
  readonly exception: {
    readonly type: string
    readonly message: string
    readonly frames: readonly {
      readonly file: string
      readonly line: number
      readonly function: string
      readonly inApp: boolean
    }[]
  }
}

type Step = { readonly subject: string; readonly change: Change; readonly merged?: string | undefined }
type Tree = Map<string, string>

const START = Date.UTC(2026, 2, 2, 9)
const STEP_MS = 7 * 3_600_000

/** A repository in which one commit broke the library, among 10–40 others that did not. Same seed, same commits. */
export function makeRegression(
  directory: string,
  { language, program }: RegressionSet,
  { regression, seed }: { readonly regression: Regression; readonly seed: number },
): RegressionRepository {
  const chance = chanceOf(seed * 7919 + regression.name.length)
  const tree: Tree = new Map(Object.entries(program))
  const snapshots: Snapshot[] = []
  const commit = ({ subject, change, merged }: Step): void => {
    for (const [path, to] of Object.entries(change)) applyChange(tree, path, to)
    snapshots.push({ subject, merged, at: START + snapshots.length * STEP_MS, files: new Map(tree) })
  }
  commit({ subject: 'First version', change: {} })
  const failing = regression.frames.map(([path]) => path)
  const noise = (): void => commit(noiseOn(tree, failing, chance))
  for (let count = chance.between(3, 15); count > 0; count--) noise()
  commit(regression)
  const culprit = snapshots.length - 1
  afterwards(regression, chance).forEach((step) => (step === null ? noise() : commit(step)))
  const shas = writeHistory(directory, snapshots)
  return {
    repository: directory,
    culprit: shas[culprit] ?? '',
    good: shas[0] ?? '',
    bad: shas.at(-1) ?? '',
    commits: snapshots.length - 1,
    deployedAt: START + (snapshots.length + 1) * STEP_MS,
    exception: exceptionOf(regression, tree, language),
  }
}

/** The later commits over the same code, in order, among others (null). */
function afterwards(regression: Regression, chance: Chance): (Step | null)[] {
  const steps: (Step | null)[] = Array.from({ length: chance.between(6, 22) }, () => null)
  const later = (regression.later ?? []).map(([subject, change]) => ({ subject, change }))
  const places = chance
    .shuffled([...steps.keys()])
    .slice(0, later.length)
    .toSorted((a, b) => b - a)
  places.forEach((place, at) => steps.splice(place, 0, later.toReversed()[at] ?? null))
  return steps
}

function exceptionOf(
  { type, message, frames, library }: Regression,
  tree: Tree,
  language: RegressionSet['language'],
): RegressionRepository['exception'] {
  const own = frames.map(([path, text, name]) => {
    const line = (tree.get(path) ?? '').split('\n').findIndex((one) => one.includes(text))
    if (line < 0) throw new Error(`expected "${text}" in ${path}`)
    const shown = language === 'javascript' && !name.includes('.') ? `async ${name}` : name
    return { file: `/srv/app/${path}`, line: line + 1, function: shown, inApp: true }
  })
  const foreign = (library ?? []).map(([file, line, name]) => ({ file, line, function: name, inApp: false }))
  return { type, message, frames: [...foreign, ...own] }
}
