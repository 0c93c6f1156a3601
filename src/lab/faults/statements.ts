import type { LabSystem } from '../platform/lab-system.ts'
import type { Sign } from './signs.ts'

/** Times that each statement was run, by what it looks like. */
type Sample = { readonly at: number; readonly calls: ReadonlyMap<string, number> }

const LOOK_MS = 4_000
/** Runs a request more than before: one route in ten that sends two queries in place of one stays under it. */
const MORE_PER_REQUEST = 0.12

/** Looks for some seconds how often statements are run now; the sign then looks which of them is run much more often. */
export async function queriesMultiplied(system: LabSystem): Promise<Sign> {
  const first = await sample(system)
  await system.sleep(LOOK_MS)
  const before = ratesBetween(first, await sample(system), (await system.metrics()).requestsPerSecond)
  let start: Sample | null = null

  return async ({ now }) => {
    const end = await sample(system)
    start ??= end
    if (end.at - start.at < LOOK_MS) return { seen: false, says: 'too early to count queries' }
    const rates = [...ratesBetween(start, end, now.requestsPerSecond)]
    const [query, more] = rates
      .map(([query, rate]) => [query, rate - (before.get(query) ?? 0)] as const)
      .reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0] as const)
    const says = `${more.toFixed(2)} runs a request more of: ${query.replaceAll(/\s+/g, ' ').slice(0, 100)}`
    return { seen: more > MORE_PER_REQUEST, says }
  }
}

async function sample(system: LabSystem): Promise<Sample> {
  const rows = await system.database.admin(
    'SELECT query, sum(calls)::float8 AS calls FROM pg_stat_statements GROUP BY query',
  )
  return { at: system.now(), calls: new Map(rows.map((row) => [String(row['query']), Number(row['calls'])])) }
}

function ratesBetween(start: Sample, end: Sample, requestsPerSecond: number): ReadonlyMap<string, number> {
  const requests = Math.max(1, ((end.at - start.at) / 1000) * requestsPerSecond)
  return new Map(
    [...end.calls].map(([query, calls]) => [query, (calls - (start.calls.get(query) ?? 0)) / requests]),
  )
}
