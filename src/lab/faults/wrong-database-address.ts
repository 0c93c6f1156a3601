import { defineFault } from './fault.ts'
import { errorsOver, logged } from './signs.ts'

export const wrongDatabaseAddress = defineFault({
  name: 'wrong-database-address',
  kind: 'configuration',
  summary: 'The app is told a database address where nothing listens',
  where: 'DATABASE_URL of the app',
  mechanism:
    'The port in DATABASE_URL is changed to 1 and the instances restart with it, one after the other',
  symptoms: [
    'the instances are not ready',
    'every route that needs the database fails',
    'the database has no clients',
  ],
  causes: ['wrong-configuration', 'database-down'],
  levels: { normal: { port: 1 } },
  async inject(system, { parameters: { port }, defer }) {
    const url = new URL(system.configuration.get('app')['DATABASE_URL'] ?? system.database.urlOf('shop'))
    url.port = String(port)
    const before = await connectedOf()
    defer(
      await system.configuration.set(
        'app',
        { DATABASE_URL: url.href },
        { who: 'platform team', gate: false },
      ),
    )
    return {
      truth: [
        {
          chain: [
            'a configuration change gave the app another database address',
            'shop',
            `connections to port ${port} are refused`,
            'every page that needs data fails',
          ],
          service: 'shop',
        },
      ],
      signs: {
        isDisturbing: true,
        all: [errorsOver(0.3)],
        any: [
          logged(/ECONNREFUSED|connect/),
          async () => {
            const connected = await connectedOf()
            return { seen: connected < before, says: `${connected} clients of the app (before ${before})` }
          },
        ],
      },
    }

    async function connectedOf(): Promise<number> {
      const [row] = await system.database.admin(
        `SELECT count(*)::int AS clients FROM pg_stat_activity WHERE usename = 'shop'`,
      )
      return Number(row?.['clients'] ?? 0)
    }
  },
})
