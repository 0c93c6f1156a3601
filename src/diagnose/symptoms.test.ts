import { expect, test } from 'vitest'
import { ailmentsOf, type Symptoms } from './symptoms.ts'

function saying(message: string, type = 'Error'): Symptoms {
  const exceptions = [{ chain: [{ type, message, frames: [] }], count: 1, isNew: true }]
  return { exceptions, messages: [], findingKinds: [], onsetAt: null }
}

test.each([
  ['timeout exceeded when trying to connect', 'exhaustion'],
  ['Knex: Timeout acquiring a connection. The pool is probably full.', 'exhaustion'],
  ['QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00', 'exhaustion'],
  ["couldn't get a connection after 30.00 sec", 'exhaustion'],
  ['HikariPool-1 - Connection is not available, request timed out after 30000ms.', 'exhaustion'],
  ['The connection pool has been exhausted, either raise MaxPoolSize or Timeout', 'exhaustion'],
  [
    'Timeout expired. The timeout period elapsed prior to obtaining a connection from the pool.',
    'exhaustion',
  ],
  ['Cannot get a connection, pool error Timeout waiting for idle object', 'exhaustion'],
  ['sorry, too many clients already', 'exhaustion'],
  ['remaining connection slots are reserved', 'exhaustion'],
  ['accept tcp: too many open files', 'exhaustion'],
  ['canceling statement due to statement timeout', 'slowness'],
  ['Lock wait timeout exceeded; try restarting transaction', 'locking'],
  ['JavaScript heap out of memory', 'memory'],
  ['connect ECONNREFUSED 127.0.0.1:5432', 'dependency'],
  ['missing required environment variable PAYMENT_URL', 'configuration'],
])('%s speaks of %s', (message, ailment) => {
  expect([...ailmentsOf(saying(message))]).toContain(ailment)
})

test.each([
  'list index out of range',
  "Cannot read properties of undefined (reading 'id')",
  'the JSON object must be str, bytes or bytearray, not TextIOWrapper',
  'Connection reset by peer',
])('%s speaks of no family', (message) => {
  expect([...ailmentsOf(saying(message))]).toEqual([])
})

test('findings count as words do', () => {
  const symptoms: Symptoms = { ...saying('no'), findingKinds: ['pool-timed-out', 'slow-query-logged'] }
  expect([...ailmentsOf(symptoms)].sort()).toEqual(['exhaustion', 'slowness'])
})

test('long messages are judged quickly', () => {
  const started = performance.now()
  ailmentsOf(saying('timeout waiting for get connection pool '.repeat(50_000).replaceAll('pool', 'p')))
  expect(performance.now() - started).toBeLessThan(500)
})
