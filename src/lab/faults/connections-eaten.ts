import { defineFault } from './fault.ts'
import { repeat } from './repeat.ts'
import { createCrowd } from './sessions.ts'
import { connectionsOver, queried } from './signs.ts'

export const connectionsEaten = defineFault({
  name: 'connections-eaten',
  kind: 'database',
  summary: 'Somebody else takes the connections of the database',
  where: 'the database server',
  mechanism:
    'A reporting tool opens session after session under its own role and does nothing with them; where it is hard, the sessions of the app are broken besides',
  symptoms: [
    'connections near the limit',
    'the app gets "sorry, too many clients already"',
    'its own pools are small',
  ],
  causes: ['connections-exhausted'],
  levels: {
    mild: { sessions: 60, brokenSessions: 'none' },
    normal: { sessions: 96, brokenSessions: 'none' },
    hard: { sessions: 96, brokenSessions: 'all of the app' },
  },
  async inject(system, { parameters: { sessions, brokenSessions }, defer }) {
    const crowd = createCrowd(system, { role: 'reporting', applicationName: 'dashboards', begin: [] })
    defer(() => crowd.close())
    while (crowd.size < sessions && (await crowd.open()));
    if (brokenSessions !== 'none') {
      // As when a firewall forgets connections: the app has to come back, and there is no room for it.
      await system.database.admin(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'`,
      )
    }
    // What the app gives back, the tool takes, as long as nobody ends its sessions.
    const taking = repeat(system, 250, async () => {
      if (await crowd.isBroken()) return 'done'
      while (crowd.size < sessions && (await crowd.open()));
      return 'again'
    })
    defer(() => taking.stop())
    return {
      truth: [
        {
          chain: [
            'a reporting tool opened more and more sessions',
            'postgres',
            'its idle sessions take the slots of the database',
            'the app gets no new connection: requests wait and fail',
          ],
          service: 'postgres',
        },
      ],
      signs: {
        all: [
          connectionsOver(sessions > 90 ? 0.9 : 0.55),
          queried(
            `SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE usename = 'reporting'`,
            (row) => ({
              seen: Number(row['sessions']) > sessions / 2,
              says: `${String(row['sessions'])} sessions of reporting`,
            }),
          ),
        ],
      },
    }
  },
})
