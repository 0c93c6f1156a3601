import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { derivedMetrics } from './derived-metrics.ts'

const page = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8')

test('docs/sources.md names every metric of our own, with its unit', () => {
  const rows = [...page.matchAll(/^\| `([\w.]+)` \| (\S+) \| (.+) \|$/gm)]
  const documented = rows.map(([, name, unit, description]) => ({ name, unit, description }))
  const all = Object.values(derivedMetrics).map(({ name, unit, description }) => ({
    name,
    unit,
    description: description.charAt(0).toLowerCase() + description.slice(1),
  }))
  expect(documented).toEqual(all)
})
