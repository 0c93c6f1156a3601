import { defineFault } from './fault.ts'
import { repeat } from './repeat.ts'
import { errorsOver, logged } from './signs.ts'

export const databaseRestarted = defineFault({
  name: 'database-restarted',
  kind: 'database',
  summary: 'The database server goes down hard and comes back',
  where: 'the database server',
  mechanism:
    'An immediate shutdown (no checkpoint), so that the start goes through crash recovery; where it is hard, again and again',
  symptoms: [
    'all database connections break at once',
    'errors for as long as it is away, then none',
    'the server log tells of recovery',
  ],
  causes: ['database-down'],
  levels: {
    mild: { times: 1, everyMs: 0 },
    normal: { times: 3, everyMs: 15_000 },
    hard: { times: 40, everyMs: 8_000 },
  },
  async inject(system, { parameters: { times, everyMs }, defer }) {
    const before = await startOf()
    const restarts = repeat(system, everyMs, async (number) => {
      await system.database.restart('immediate')
      return number + 1 < times ? 'again' : 'done'
    })
    defer(() => restarts.stop())
    return {
      truth: [
        {
          chain: [
            'the database server went down without a clean shutdown',
            'postgres',
            'every connection breaks, and none is taken until recovery is done',
            'every page that needs data fails meanwhile',
          ],
          service: 'postgres',
        },
      ],
      signs: {
        all: [
          async () => {
            const started = await startOf()
            return {
              seen: started !== null && started !== before,
              says: `the server started at ${started ?? 'an unknown time'}`,
            }
          },
        ],
        any: [
          errorsOver(0.005),
          logged(
            /terminating connection|Connection terminated|ECONNREFUSED|ECONNRESET|the database system is (starting|shutting)/,
          ),
        ],
      },
    }

    async function startOf(): Promise<string | null> {
      const rows = await system.database
        .admin('SELECT pg_postmaster_start_time()::text AS at')
        .catch(() => [])
      return rows[0] === undefined ? null : String(rows[0]['at'])
    }
  },
})
