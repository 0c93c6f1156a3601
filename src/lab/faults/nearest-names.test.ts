import { expect, test } from 'vitest'
import { nearestNames } from './nearest-names.ts'

const NAMES = ['connection-leak', 'memory-leak', 'payment-slow', 'payment-down', 'mail-slow', 'nothing']

test.each([
  { meant: 'conection-leak', first: 'connection-leak' },
  { meant: 'connectionleak', first: 'connection-leak' },
  { meant: 'leak', first: 'memory-leak' },
  { meant: 'payment-slwo', first: 'payment-slow' },
  { meant: 'paymentdown', first: 'payment-down' },
  { meant: 'notthing', first: 'nothing' },
  { meant: 'xyz', first: undefined },
  { meant: '', first: undefined },
])('"$meant" may have been $first', ({ meant, first }) => {
  expect(nearestNames(NAMES, meant)[0]).toBe(first)
})
