import { defineFault } from './fault.ts'
import { repeat } from './repeat.ts'
import { logged, routeFails } from './signs.ts'

export const databaseDiskFilled = defineFault({
  name: 'database-disk-filled',
  kind: 'database',
  summary: 'The disk of the database is full',
  where: 'the volume of the tables that orders and carts grow in',
  mechanism:
    'Those tables live on a small volume, and a core dump beside them takes what room is left; root on Linux only',
  symptoms: ['what writes fails, what reads works', 'the log says "No space left on device"'],
  causes: ['disk-full'],
  levels: { normal: { freeBytes: 32 * 1024 * 1024 } },
  async inject(system, { parameters: { freeBytes }, defer }) {
    const volume = await system.database.moveToSmallVolume({ freeBytes })
    defer(() => volume.undo())
    await volume.fill(0)
    // Tables free a page now and then; the dump grows on, as what writes dumps does.
    const growing = repeat(system, 1_000, async () => {
      await volume.fill(0)
      return 'again'
    })
    defer(() => growing.stop())
    return {
      truth: [
        {
          chain: [
            'a core dump filled the volume of the database',
            'postgres',
            'tables cannot grow: No space left on device',
            'carts and checkouts fail, reading works',
          ],
          service: 'postgres',
        },
      ],
      signs: {
        all: [logged(/No space left on device|could not extend file|53100/)],
        any: [routeFails(/checkout|cart/, 0.02)],
      },
    }
  },
})
