import { defineFault } from './fault.ts'
import { errorsOver, logged } from './signs.ts'

export const passwordRotated = defineFault({
  name: 'password-rotated',
  kind: 'database',
  summary: "The application's database password is changed, and the app is not told",
  where: 'the login of the app at the database',
  mechanism:
    'The role gets a new password and its sessions are ended, as a rotation does; the app has the old one',
  symptoms: [
    'password authentication fails',
    'every page that needs data fails',
    'the database itself is healthy',
  ],
  causes: ['authentication-failed', 'wrong-configuration'],
  levels: { normal: { endSessions: 'yes' } },
  async inject(system, { defer }) {
    const before = await digestOf()
    defer(await system.database.changePassword('shop'))
    await system.database.admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'`,
    )
    return {
      truth: [
        {
          chain: [
            'the database password of the app was rotated and not rolled out',
            'shop',
            'the database refuses the old password',
            'every page that needs data fails',
          ],
          service: 'shop',
        },
      ],
      signs: {
        all: [
          errorsOver(0.1),
          logged(/password authentication failed/),
          async () => {
            const isOther = (await digestOf()) !== before
            return {
              seen: isOther,
              says: isOther ? 'the role has another password' : 'the password is as before',
            }
          },
        ],
      },
    }

    async function digestOf(): Promise<string> {
      const [row] = await system.database.admin(
        `SELECT md5(rolpassword) AS digest FROM pg_authid WHERE rolname = 'shop'`,
      )
      return String(row?.['digest'])
    }
  },
})
