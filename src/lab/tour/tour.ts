import type { EpochMs } from '../../time.ts'
import type { Lab, LabChange } from '../lab.ts'
import { timesOf, worstOf } from './tour-report.ts'
import type { TourReport } from './tour-report.ts'
import { createLookout } from './lookout.ts'
import type { Lookout, TourDeps } from './lookout.ts'
import { hurts, isNormal, isOutage, percent, seconds, wayDown } from './turning-points.ts'

export type TourOrder = { readonly fault: string; readonly level?: string; readonly seed?: string }

/** Figures are of ten seconds: before that they would still tell of the start. */
const CALM_MS = 15_000
/** Long enough for most faults to show all that they do, and short enough to be watched to the end. */
const WORSE_WITHIN_MS = 60_000
const OUTAGE_MS = 8_000
const NORMAL_WITHIN_MS = 60_000
/** Where going back did not help, the operator of the lab does. */
const HELPS_WITHIN_MS = 30_000

/**
 * Shows one incident from its beginning to its end on a lab that is up and calm, and says at each turn what happens:
 *
 *     ordinary day ──break──> users feel it ──> outage ──rollback or mend──> ordinary day
 *
 * Throws `LAB_FAILED` where the lab ends meanwhile, and what `sleep` rejects with.
 */
export async function takeTour(deps: TourDeps, order: TourOrder): Promise<TourReport> {
  const { lab } = deps
  const lookout = createLookout(deps)
  lookout.say('An ordinary day: shoppers browse, search, fill carts and pay.')
  await lookout.watch({ limitMs: CALM_MS })
  const calm = lookout.latest()
  const brokenAt = lookout.atSeconds()
  const applied = await lookout.during(breakIt(deps, order), { points: wayDown, calm })
  await watchItBreak(lookout, calm)
  await sayWhatIsSeen(deps, lookout)
  const mendedAt = lookout.atSeconds()
  const { remedy, isBack } = await takeAway(deps, lookout)
  if (isBack) lookout.say('Back to normal: an ordinary day again.')
  const normalAt = isBack ? lookout.normalSince() : null
  if (!isBack) lookout.say(`Not normal within ${NORMAL_WITHIN_MS / 1_000} s: ${shown(lookout)}.`)
  const rows = lookout.rows()
  return {
    schema: 1,
    fault: { name: applied.name, level: applied.level },
    remedy,
    ...timesOf(rows, { brokenAt, mendedAt, normalAt }),
    calm,
    worst: worstOf(rows.filter(({ atSeconds }) => atSeconds >= brokenAt)),
    userReports: (await lab.userReports()).length,
    rows,
    story: lookout.story(),
  }
}

function breakIt({ lab }: TourDeps, { fault, level, seed }: TourOrder): ReturnType<Lab['break']> {
  return lab.break({
    name: fault,
    ...(level === undefined ? {} : { level }),
    ...(seed === undefined ? {} : { seed }),
  })
}

async function watchItBreak(lookout: Lookout, calm: ReturnType<Lookout['latest']>): Promise<void> {
  let outageSince: number | null = null
  await lookout.watch({
    limitMs: WORSE_WITHIN_MS,
    points: wayDown,
    calm,
    until(figures) {
      outageSince = isOutage(figures) ? (outageSince ?? lookout.atSeconds()) : null
      return outageSince !== null && lookout.atSeconds() - outageSince >= OUTAGE_MS / 1_000
    },
  })
}

async function sayWhatIsSeen({ lab }: TourDeps, lookout: Lookout): Promise<void> {
  if (!lookout.rows().some(hurts)) {
    lookout.say('Users feel nothing of it: not everything that changes is an incident.')
    return
  }
  const error = await lab.lastError()
  if (error !== null) lookout.say(`A log says: ${error.slice(0, 160)}`)
  const report = (await lab.userReports()).at(-1)
  if (report !== undefined) lookout.say(`A user writes to support: "${report.text}"`)
}

type TakenAway = { readonly remedy: TourReport['remedy']; readonly isBack: boolean }

/** What an operator does first: where somebody has just deployed, back to the release before. */
async function takeAway({ lab, now }: TourDeps, lookout: Lookout): Promise<TakenAway> {
  // Who rolls back what hurts nobody takes work away from those who need it.
  const isFelt = lookout.rows().some(hurts)
  const suspect = !isFelt ? undefined : lookout.changes().findLast(({ what }) => what === 'deploy')
  const backWithin = (limitMs: number): Promise<boolean> =>
    lookout.watch({ limitMs, until: () => lookout.isBackToNormal(isNormal) })
  let remedy: TourReport['remedy'] = 'mend'
  if (suspect !== undefined) {
    remedy = 'rollback'
    lookout.say(sayRollback(suspect, now()))
    await lookout.during(lab.rollback())
    if (await backWithin(HELPS_WITHIN_MS)) {
      await lab.mend() // the record of the fault; it is out already
      return { remedy, isBack: true }
    }
    remedy = 'mend'
    lookout.say('Going back did not help: the release was not it.')
  }
  lookout.say('The operator of the lab takes the fault out: `firebreak lab mend`.')
  await lookout.during(lab.mend())
  return { remedy, isBack: await backWithin(NORMAL_WITHIN_MS) }
}

function sayRollback({ at, to }: LabChange, now: EpochMs): string {
  const since = Math.max(0, Math.round((now - Date.parse(at)) / 1_000))
  return `The last change was the deploy of ${to ?? 'a release'}, ${since} s ago. The quickest way out is back: \`firebreak lab rollback\`.`
}

function shown(lookout: Lookout): string {
  const { errorRate, p95Ms } = lookout.latest()
  return `${percent(errorRate)} fail, p95 ${seconds(p95Ms)}`
}
