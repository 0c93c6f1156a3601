import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { rulesSchema } from '../contract/rules.ts'
import { exportPrometheusRules } from './export-prometheus.ts'

type Group = {
  readonly rules: readonly { readonly alert: string; readonly expr: string; readonly for?: string }[]
}

function exportOf(rules: object, objective: number | null = null) {
  const services = new Map([['shop', { critical: [], objective }]])
  const { yaml, notExported } = exportPrometheusRules(rulesSchema.parse(rules), services)
  const { groups } = parse(yaml) as { readonly groups: readonly Group[] }
  return { alerts: groups[0]?.rules ?? [], notExported: notExported.map(({ rule }) => rule) }
}

test('the rules by default are exported, or it is said which are not', () => {
  const { alerts, notExported } = exportOf({})
  expect(alerts.map(({ alert }) => alert)).toEqual(
    expect.arrayContaining([
      'ErrorRateP1',
      'ErrorRateP3',
      'ResponseTime',
      'DatabaseConnections',
      'CrashLoop',
    ]),
  )
  expect(notExported.sort()).toEqual(['alert', 'anomaly', 'burn-rate', 'new-error', 'probe', 'user-reports'])
})

test('an objective gives a burn-rate alert for each window', () => {
  const { alerts, notExported } = exportOf({}, 0.999)
  const burns = alerts.filter(({ alert }) => alert.startsWith('BurnRate'))
  expect(burns.map(({ alert }) => alert)).toEqual(['BurnRate1h', 'BurnRate6h', 'BurnRate1d', 'BurnRate3d'])
  expect(burns[0]?.expr).toContain('> 0.0144) and (')
  expect(burns[0]?.expr).toContain('job="shop"')
  expect(notExported).not.toContain('burn-rate')
})

test.each([
  [
    { kind: 'error-rate', service: 'sh*', route: 'POST /cart/{id}', above: '5%' },
    'http_route=~"/cart/.*", http_request_method="POST"',
  ],
  [{ kind: 'threshold', metric: 'queue.length', above: 3, for: '90s' }, 'queue_length > 3'],
  [
    { kind: 'threshold', metric: 'x', below: 1, aggregate: 'sum', attributes: { 'a.b': 'c' } },
    'sum by (job, instance) (x{a_b="c"}) < 1',
  ],
])('%j says %s', (rule, expr) => {
  const off = Object.fromEntries(Object.keys(rulesSchema.parse({})).map((name) => [name, { enabled: false }]))
  const { alerts } = exportOf({ ...off, mine: rule })
  expect(alerts[0]?.expr).toContain(expr)
  expect(alerts.every(({ alert }) => alert.startsWith('Mine'))).toBe(true)
})
