import type { StatementUse } from '../database-probe.ts'
import type { StatementTotal, StatementTotals } from './database-connection.ts'
import { redactStatement } from './redact-statement.ts'

/** So many statements of one look are told of. */
const MOST_STATEMENTS = 20

/** What each kind of statement cost between two looks, most time first; of what was counted anew, all of it. */
export function statementUses(
  before: ReadonlyMap<string, StatementTotal>,
  now: ReadonlyMap<string, StatementTotal>,
): readonly (StatementTotal & { readonly key: string })[] {
  const uses: (StatementTotal & { readonly key: string })[] = []
  for (const [key, total] of now) {
    const known = before.get(key)
    // Fewer calls than before: the server's statistics were reset.
    const base = known === undefined || known.calls > total.calls ? NOTHING : known
    const calls = total.calls - base.calls
    if (calls <= 0) continue
    uses.push({
      key,
      calls,
      totalMs: Math.max(0, total.totalMs - base.totalMs),
      rows: total.rows - base.rows,
    })
  }
  return uses.sort((a, b) => b.totalMs - a.totalMs).slice(0, MOST_STATEMENTS)
}

const NOTHING: StatementTotal = { calls: 0, totalMs: 0, rows: 0 }

/** Remembers totals from look to look; the first look has nothing to compare with. */
export type StatementMemory = {
  /** What was used since the last call; null for the first. */
  since(totals: StatementTotals): Promise<readonly StatementUse[] | null>
}

export function createStatementMemory(): StatementMemory {
  let before: ReadonlyMap<string, StatementTotal> | null = null
  return {
    async since(totals) {
      const last = before
      before = totals.byKey
      if (last === null) return null
      const uses = statementUses(last, totals.byKey)
      const texts = await totals.texts(uses.map(({ key }) => key))
      return uses.map(({ key, calls, totalMs, rows }) => {
        const statement = redactStatement(texts.get(key) ?? '')
        return { statement, calls, totalMs, meanMs: totalMs / calls, rows }
      })
    },
  }
}

/** Hits by all since the look before; null where nothing was wanted, or the counters began anew. */
export function hitRatio(
  before: { readonly hit: number; readonly read: number } | null,
  now: { readonly hit: number; readonly read: number },
): number | null {
  if (before === null) return null
  const hits = now.hit - before.hit
  const reads = now.read - before.read
  return hits < 0 || reads < 0 || hits + reads === 0 ? null : hits / (hits + reads)
}
