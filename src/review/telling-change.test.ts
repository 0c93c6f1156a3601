import { expect, test } from 'vitest'
import { tellingChange } from './telling-change.ts'

function hunk(...lines: readonly string[]) {
  return { file: 'a.py', oldStart: 1, newStart: 1, lines }
}

test.each([
  [
    'a changed call',
    [hunk(' def f():', '-    return json.load(f)', '+    return json.loads(f)')],
    null,
    ['return json.load(f)', 'return json.loads(f)'],
  ],
  [
    'the failing line among others',
    [
      hunk(
        '-  const coupon = coupons.find((one) => one.code === code)',
        '-  return coupon ? coupon.percent : 0',
        '+  const coupon = coupons.get(code)',
        '+  return coupon.percent',
      ),
    ],
    '  return coupon.percent',
    ['return coupon ? coupon.percent : 0', 'return coupon.percent'],
  ],
  [
    'the failing line in a later hunk',
    [hunk('-a = 1', '+a = 2'), hunk('-b = read(x)', '+b = read(y)')],
    'b = read(y)',
    ['b = read(x)', 'b = read(y)'],
  ],
  ['what was only removed', [hunk(' try:', '-    connection.close()')], null, ['connection.close()', null]],
  [
    'what was only added',
    [hunk('+if random.random() < 0.5:', '+  raise Oops()')],
    null,
    [null, 'if random.random() < 0.5:'],
  ],
])('tells %s', (...[, hunks, failingLine, [before, after]]) => {
  expect(tellingChange(hunks, { failingLine, stoppedReleasing: false })).toEqual({ before, after })
})

test.each([
  ['no hunks', []],
  ['blank lines', [hunk('-', '+   ')]],
])('has nothing to tell of %s', (_, hunks) => {
  expect(tellingChange(hunks, { failingLine: null, stoppedReleasing: true })).toBeNull()
})

test('tells what a leak no longer gives back, not the line that changed least', () => {
  const change = hunk(
    '-with pool.connect() as db:',
    '-    return [dict(row) for row in rows]',
    '+db = pool.connect()',
    '+return (dict(row) for row in rows)',
  )
  const clues = { failingLine: null, stoppedReleasing: true }
  expect(tellingChange([change], clues)).toEqual({
    before: 'with pool.connect() as db:',
    after: 'db = pool.connect()',
  })
})
