import { defineFault } from './fault.ts'
import { createCrowd } from './sessions.ts'
import { anyRouteFails, anyRouteSlower, errorsOver, queried } from './signs.ts'

export const rowLocked = defineFault({
  name: 'row-locked',
  kind: 'database',
  summary: 'A long transaction holds locks on rows that checkouts need',
  where: 'the table of products',
  mechanism:
    'A price update is begun by hand and not ended; who wants to change the stock of those products waits for it',
  symptoms: [
    'checkouts with those products hang until a time-out',
    'sessions wait for locks',
    'pools fill up, then everything waits',
  ],
  causes: ['lock-contention', 'idle-in-transaction'],
  // Few products are wanted often: the first 200 are a tenth of what is sold, the first 20,000 almost a half.
  levels: { mild: { products: 200 }, normal: { products: 20_000 }, hard: { products: 200_000 } },
  async inject(system, { parameters: { products }, defer }) {
    const editor = createCrowd(system, {
      role: 'shop',
      applicationName: 'psql',
      begin: ['BEGIN', `UPDATE products SET price_cents = price_cents WHERE id <= ${products}`],
    })
    defer(() => editor.close())
    await editor.open()
    return {
      truth: [
        {
          chain: [
            'somebody began a price update by hand and left it open',
            'postgres',
            `it holds locks on ${products} products, which checkouts wait for`,
            'checkouts hang and fail; what they hold is not free for others',
          ],
          service: 'postgres',
        },
      ],
      signs: {
        all: [
          queried(
            `SELECT count(*)::int AS waiting FROM pg_stat_activity
              WHERE wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0`,
            (row) => ({
              seen: Number(row['waiting']) > 0,
              says: `${String(row['waiting'])} sessions wait for a lock`,
            }),
          ),
        ],
        any: [anyRouteSlower(1_000), anyRouteFails(0.05), errorsOver(0.005)],
      },
    }
  },
})
