import fc from 'fast-check'
import { expect, test } from 'vitest'
import { searchBack } from './time-search.ts'
import type { Stretch } from './time-search.ts'

/** A table in memory: rows by time, newest first, ties by name. */
function table(times: readonly number[]) {
  const rows = times
    .map((at, index) => ({ ns: `${BigInt(at) * 1_000_000n}`, name: String(index).padStart(4, '0') }))
    .sort((one, other) => Number(BigInt(other.ns) - BigInt(one.ns)) || (one.name < other.name ? -1 : 1))
  const looks: Stretch[] = []
  const look = async (stretch: Stretch) => {
    looks.push(stretch)
    const inside = rows.filter(
      ({ ns }) => BigInt(ns) >= BigInt(stretch.from) && BigInt(ns) < BigInt(stretch.to),
    )
    return inside.slice(stretch.offset, stretch.offset + stretch.limit)
  }
  return { rows, looks, look }
}

test('pages joined are all rows of the window, in order, each once', async () => {
  const cases = fc.record({
    times: fc.array(fc.integer({ min: 900, max: 100_000 }), { maxLength: 120 }),
    limit: fc.integer({ min: 1, max: 40 }),
    firstMs: fc.constantFrom(1, 50, 2_000, 200_000),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ times, limit, firstMs }) => {
      const { rows, look } = table([...times, ...times.slice(0, 20), 5_000, 5_000, 5_000])
      const window = { from: 1_000, to: 90_000 }
      const found: string[] = []
      let cursor: string | null = null
      do {
        const page: Awaited<ReturnType<typeof searchBack<(typeof rows)[number], string>>> = await searchBack({
          window,
          paging: { limit, cursor },
          look,
          toItem: ({ name }) => name,
          firstMs,
        })
        found.push(...page.data)
        cursor = page.pagination.next
      } while (cursor !== null)
      const expected = rows.filter(({ ns }) => Number(ns) / 1e6 >= 1_000 && Number(ns) / 1e6 < 90_000)
      expect(found).toEqual(expected.map(({ name }) => name))
    }),
    { numRuns: 60 },
  )
})

test('dense rows are found without looking at the whole window', async () => {
  const { looks, look } = table(Array.from({ length: 5_000 }, (_, index) => 80_000 + index))
  const search = {
    window: { from: 0, to: 85_000 },
    paging: { limit: 10 },
    firstMs: 100,
    toItem: (row: object) => row,
  }
  expect((await searchBack({ ...search, look })).data).toHaveLength(10)
  expect(looks).toHaveLength(1)
})

test('a cursor of somebody else is refused', async () => {
  const { look } = table([])
  const search = {
    window: { from: 0, to: 1 },
    paging: { cursor: 'nonsense' },
    firstMs: 1,
    toItem: (row: object) => row,
    look,
  }
  await expect(searchBack(search)).rejects.toThrow(/expected a cursor/)
})
