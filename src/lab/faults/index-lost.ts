import { defineFault } from './fault.ts'
import type { LabSystem } from '../platform/lab-system.ts'
import { cpuRose, errorsOver, slowerThan } from './signs.ts'
import type { Sign } from './signs.ts'

export const indexLost = defineFault({
  name: 'index-lost',
  kind: 'database',
  summary: 'Indexes that the shop relies on are gone',
  where: 'large tables of the shop, drawn among the indexes that are used most',
  mechanism: 'DROP INDEX; the same queries now read whole tables',
  symptoms: [
    'routes that used the index are slow',
    'the database uses much more CPU',
    'sequential scans of a large table',
  ],
  causes: ['missing-index', 'slow-query'],
  levels: {
    mild: { indexes: 1, among: 3 },
    normal: { indexes: 2, among: 3 },
    hard: { indexes: 3, among: 3 },
  },
  async inject(system, { parameters: { indexes, among }, chance, defer }) {
    const used = (await indexesByUse(system)).slice(0, among)
    const lost = chance.shuffle(used).slice(0, indexes)
    const scansBefore = await scansOf(system, lost)
    for (const index of lost) {
      defer(async () => {
        if (!(await hasIndexLike(system, index))) await system.database.admin(index.definition)
      })
      await system.database.admin(`DROP INDEX ${index.name}`)
    }
    return {
      truth: lost.map((index) => ({
        chain: [
          `the index ${index.name} was dropped`,
          'postgres',
          `queries on ${index.table} read the whole table`,
          'routes that use it are slow, the database burns CPU',
        ] as const,
        service: 'postgres',
      })),
      signs: {
        all: [isGone(lost), scanned(lost, scansBefore)],
        any: [slowerThan(50), cpuRose(/^postgres$/, 0.05), errorsOver(0.01)],
      },
    }
  },
})

type Index = { readonly name: string; readonly table: string; readonly definition: string }

/** Most used first; primary keys and unique indexes are left alone: dropping them would be another fault. */
async function indexesByUse(system: LabSystem): Promise<readonly Index[]> {
  const rows = await system.database.admin(`
    SELECT s.indexrelname AS name, s.relname AS "table", pg_get_indexdef(s.indexrelid) AS definition
      FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid) JOIN pg_class c ON c.oid = s.relid
     WHERE NOT i.indisunique AND c.reltuples > 10000 ORDER BY s.idx_scan DESC, 1`)
  return rows.map((row) => ({
    name: String(row['name']),
    table: String(row['table']),
    definition: String(row['definition']),
  }))
}

/** The same columns of the same table, under whatever name: somebody may have made it anew. */
async function hasIndexLike(system: LabSystem, { definition }: Index): Promise<boolean> {
  const rows = await system.database.admin('SELECT indexdef AS definition FROM pg_indexes')
  return rows.some((row) => withoutName(String(row['definition'])) === withoutName(definition))
}

function withoutName(definition: string): string {
  return definition.replace(/^CREATE INDEX \S+ ON /, 'ON ')
}

function isGone(lost: readonly Index[]): Sign {
  return async ({ system }) => {
    const left = await Promise.all(lost.map((index) => hasIndexLike(system, index)))
    const names = lost.map((index) => index.name).join(', ')
    return {
      seen: lost.length > 0 && !left.includes(true),
      says: `${names || 'no index'} ${left.includes(true) ? 'is there' : 'gone'}`,
    }
  }
}

async function scansOf(system: LabSystem, lost: readonly Index[]): Promise<number> {
  const [row] = await system.database.admin(
    'SELECT coalesce(sum(seq_scan), 0)::int AS scans FROM pg_stat_user_tables WHERE relname = ANY($1)',
    [lost.map((index) => index.table)],
  )
  return Number(row?.['scans'])
}

function scanned(lost: readonly Index[], before: number): Sign {
  return async ({ system }) => {
    const scans = (await scansOf(system, lost)) - before
    return {
      seen: scans > 0,
      says: `${scans} sequential scans of ${lost.map((index) => index.table).join(', ')}`,
    }
  }
}
