import { expect, test } from 'vitest'
import { createLogDigester } from '../telemetry/index.ts'
import { markNew } from './mark-new.ts'

const NOW = Date.parse('2026-03-03T10:00:00Z')

function newTemplates(lines: readonly string[], onsetAt: number): readonly string[] {
  const digester = createLogDigester({ now: NOW + 60_000 })
  digester.write('a.log', Buffer.from(`${lines.join('\n')}\n`))
  digester.end('a.log')
  const logs = digester.digest()
  const isNew = markNew(logs, [], onsetAt)
  return logs.fingerprints.filter(({ id }) => isNew.has(id)).map(({ template }) => template)
}

test('a warning that a program writes as it starts is not new in the log', () => {
  const fresh = newTemplates(
    [
      'WARNING: This is a development server. Do not use it in a production deployment.',
      'ERROR: it broke for order 17',
      'ERROR: it broke for order 18',
    ],
    NOW,
  )
  expect(fresh.join('\n')).toContain('it broke')
  expect(fresh.join('\n')).not.toContain('development server')
})

test('nor where it has a time, seconds before the first failure', () => {
  const fresh = newTemplates(
    [
      '2026-03-03T09:59:58Z WARN running without a cache',
      '2026-03-03T09:59:59Z WARN retrying the payment',
      '2026-03-03T10:00:00Z ERROR payment failed',
      '2026-03-03T10:00:01Z WARN retrying the payment',
      '2026-03-03T10:00:02Z ERROR payment failed',
    ],
    NOW,
  )
  expect(fresh.join('\n')).toContain('payment failed')
  expect(fresh.join('\n')).toContain('retrying the payment')
  expect(fresh.join('\n')).not.toContain('without a cache')
})
