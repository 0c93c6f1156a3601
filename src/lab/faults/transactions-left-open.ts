import { defineFault } from './fault.ts'
import { repeat } from './repeat.ts'
import { createCrowd } from './sessions.ts'
import { connectionsOver, queried } from './signs.ts'

export const transactionsLeftOpen = defineFault({
  name: 'transactions-left-open',
  kind: 'database',
  summary: 'Transactions pile up that were begun and never ended',
  where: 'the database server',
  mechanism:
    "A job with the application's login begins a transaction, reads, and goes on to the next without ending it",
  symptoms: [
    'sessions "idle in transaction" pile up',
    'connections rise to the limit',
    'the app gets no connection',
  ],
  causes: ['idle-in-transaction', 'connections-exhausted'],
  levels: {
    mild: { sessions: 40, everyMs: 250 },
    normal: { sessions: 96, everyMs: 150 },
    hard: { sessions: 96, everyMs: 20 },
  },
  async inject(system, { parameters: { sessions, everyMs }, defer }) {
    const crowd = createCrowd(system, {
      role: 'shop',
      applicationName: 'order-export',
      begin: ['BEGIN', 'SELECT count(*) FROM pg_stat_user_tables'],
    })
    defer(() => crowd.close())
    const job = repeat(system, everyMs, async () => {
      if (crowd.size % 8 === 7 && (await crowd.isBroken())) return 'done'
      if (crowd.size < sessions) await crowd.open()
      return 'again'
    })
    defer(() => job.stop())
    return {
      truth: [
        {
          chain: [
            'an export job was started that never ends its transactions',
            'postgres',
            'sessions stay idle in transaction and keep their connection slots',
            'the app gets no new connection: requests wait and fail',
          ],
          service: 'postgres',
        },
      ],
      signs: {
        all: [
          queried(
            `SELECT count(*)::int AS sessions FROM pg_stat_activity
              WHERE state = 'idle in transaction' AND state_change < now() - interval '2 s'`,
            (row) => ({
              seen: Number(row['sessions']) > sessions * 0.6,
              says: `${String(row['sessions'])} sessions idle in transaction`,
            }),
          ),
          connectionsOver(sessions > 90 ? 0.9 : 0.35),
        ],
      },
    }
  },
})
