import { defineFault } from './fault.ts'
import { repeat } from './repeat.ts'
import { cpuRose, queried } from './signs.ts'

/** A question somebody in sales might ask, without a thought of what it reads. */
const REPORT = `
  SELECT d.name, date_trunc('hour', o.placed_at) AS hour, count(DISTINCT md5(o.account_id::text || p.brand)) AS buyers,
         sum(i.quantity * i.unit_cents) AS cents, string_agg(DISTINCT left(p.name, 3), ',') AS kinds
    FROM orders o JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id
    JOIN departments d ON d.id = p.department_id
   GROUP BY 1, 2 ORDER BY cents DESC`

export const reportSlow = defineFault({
  name: 'report-slow',
  kind: 'database',
  summary: 'A report that reads everything runs again and again',
  where: 'the database server',
  mechanism:
    'A reporting tool runs a query that joins and sorts all orders, in several sessions at once, without end',
  symptoms: [
    'the database uses a core for each of its sessions',
    'every query of the shop is slower',
    'no locks, no errors at first',
  ],
  causes: ['slow-query', 'cpu-saturation'],
  levels: { mild: { sessions: 1 }, normal: { sessions: 3 }, hard: { sessions: 8 } },
  async inject(system, { parameters: { sessions }, defer }) {
    for (let number = 0; number < sessions; number += 1) {
      const session = await system.database.as('reporting')
      defer(() => session.close())
      await session.query(`SET application_name = 'sales-report'`)
      const reports = repeat(system, 0, async () => {
        await session.query(REPORT) // ended by somebody: the tool gives up
        return 'again'
      })
      defer(async () => {
        await system.database.admin('SELECT pg_terminate_backend($1)', [session.processId])
        await reports.stop()
      })
    }
    return {
      truth: [
        {
          chain: [
            `${sessions} sessions of a reporting tool run a report over all orders`,
            'postgres',
            'each keeps a core busy with joins and sorts',
            'queries of the shop wait for CPU: every route is slower',
          ],
          service: 'postgres',
        },
      ],
      signs: {
        all: [
          queried(
            `SELECT count(*)::int AS running FROM pg_stat_activity
              WHERE usename = 'reporting' AND state = 'active' AND query LIKE '%string_agg%'`,
            (row) => ({
              seen: Number(row['running']) > 0,
              says: `${String(row['running'])} reports are running`,
            }),
          ),
          cpuRose(/^postgres$/, 0.15),
        ],
      },
    }
  },
})
