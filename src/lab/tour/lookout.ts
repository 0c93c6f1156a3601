import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { Lab, LabChange } from '../lab.ts'
import type { TourLine, TourReport, TourRow } from './tour-report.ts'
import type { Figures, TurningPoint } from './turning-points.ts'

/** What happens on a tour, as it happens. */
export type TourEvent =
  /** Once a second; every fifth is worth a row of its own. */
  | { readonly kind: 'figures'; readonly row: TourRow; readonly isRow: boolean }
  | ({ readonly kind: 'said' } & TourLine)

export type TourDeps = {
  readonly lab: Pick<Lab, 'status' | 'break' | 'mend' | 'rollback' | 'changes' | 'userReports' | 'lastError'>
  readonly now: () => EpochMs
  /** Rejects when the tour is broken off. */
  readonly sleep: (ms: number) => Promise<void>
  readonly onEvent: (event: TourEvent) => void
}

export type Watching = {
  /** What is worth a sentence meanwhile, each once in a tour. */
  readonly points?: readonly TurningPoint[]
  readonly calm?: Figures
}

/** Looks at the lab once a second, remembers what it saw, and says what is worth a sentence. */
export type Lookout = {
  /** True when `until` came true, false where the time was up. */
  watch(
    options: Watching & { readonly limitMs: number; readonly until?: (figures: Figures) => boolean },
  ): Promise<boolean>
  /** Looks on while something is being done. */
  during<T>(work: Promise<T>, watching?: Watching): Promise<T>
  say(text: string): void
  /** Since the tour began. */
  atSeconds(): number
  latest(): Figures
  /** Of the last three looks each was normal. */
  isBackToNormal(isNormal: (figures: Figures) => boolean): boolean
  /** When the first of those three was. */
  normalSince(): number
  rows(): readonly TourRow[]
  story(): TourReport['story']
  /** Of this tour. */
  changes(): readonly LabChange[]
}

const LOOK_EVERY_MS = 1_000
const ROW_EVERY_SECONDS = 5
const NORMAL_LOOKS = 3

export function createLookout({ lab, now, sleep, onEvent }: TourDeps): Lookout {
  const startedAt = now()
  const rows: TourRow[] = []
  const story: TourLine[] = []
  const said = new Set<string>()
  let changes: readonly LabChange[] = []
  let lastRowAt = -Infinity
  const atSeconds = (): number => Math.round((now() - startedAt) / 100) / 10

  function say(text: string): void {
    const line = { atSeconds: atSeconds(), text }
    story.push(line)
    onEvent({ kind: 'said', ...line })
  }

  async function look({ points = [], calm }: Watching): Promise<TourRow> {
    const row: TourRow = { atSeconds: atSeconds(), ...figuresOf(await lab.status()) }
    const all = await lab.changes(startedAt)
    for (const change of all.slice(changes.length)) say(changeInWords(change))
    changes = all
    for (const { name, isReached, say: sentence } of points) {
      if (calm === undefined || said.has(name) || !isReached(row, calm)) continue
      said.add(name)
      say(sentence(row, calm))
    }
    rows.push(row)
    const isRow = row.atSeconds - lastRowAt >= ROW_EVERY_SECONDS
    if (isRow) lastRowAt = row.atSeconds
    onEvent({ kind: 'figures', row, isRow })
    return row
  }

  return {
    async watch({ limitMs, until = () => false, ...watching }) {
      for (const end = now() + limitMs; now() < end; await sleep(LOOK_EVERY_MS)) {
        if (until(await look(watching))) return true
      }
      return false
    },
    async during(work, watching = {}) {
      const state = { isDone: false }
      const done = work.finally(() => (state.isDone = true))
      done.catch(() => {}) // told below, when the look that is under way has ended
      while (!state.isDone) {
        await look(watching)
        await Promise.race([sleep(LOOK_EVERY_MS), done.catch(() => {})])
      }
      return done
    },
    say,
    atSeconds,
    latest: () => latestOf(rows),
    isBackToNormal: (isNormal) => rows.length >= NORMAL_LOOKS && rows.slice(-NORMAL_LOOKS).every(isNormal),
    normalSince: () => rows.at(-NORMAL_LOOKS)?.atSeconds ?? 0,
    rows: () => rows,
    story: () => story,
    changes: () => changes,
  }
}

function latestOf(rows: readonly TourRow[]): TourRow {
  const row = rows.at(-1)
  if (row === undefined) throw new Error('nothing has been looked at yet')
  return row
}

function figuresOf(status: Awaited<ReturnType<TourDeps['lab']['status']>>): Figures {
  if (status.state !== 'up') {
    throw new AppError('LAB_FAILED', 'the lab ended by itself in the middle of the tour', {
      hint: 'operator/supervisor-errors.log in its folder says why',
    })
  }
  const { requestsPerSecond, errorRate, p50Ms, p95Ms, dbConnections, cpuCores } = status
  return { requestsPerSecond, errorRate, p50Ms, p95Ms, dbConnections, cpuCores }
}

/** `A change: release pipeline, deploy of shop, v1.8.0 → v1.9.0.` */
function changeInWords({ who, what, service, from, to }: LabChange): string {
  const fromTo = [from, to].filter((value) => value !== null).join(' → ')
  return `A change: ${who}, ${what} of ${service}${fromTo === '' ? '' : `, ${fromTo}`}.`
}
