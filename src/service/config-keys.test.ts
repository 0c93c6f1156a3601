import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configKeys, keysAt } from './config-keys.ts'

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'configuration.md')

/** Rules have a page of their own, with what each means. */
function rows(): string {
  const keys = configKeys().filter(({ path }) => !path.startsWith('rules.'))
  const lines = keys.map(
    ({ path, type, default: otherwise, description }) =>
      `| \`${path}\` | ${type} | ${otherwise === '' ? '' : `\`${otherwise}\``} | ${description} |`,
  )
  return ['| key | takes | default | what it is |', '|---|---|---|---|', ...lines].join('\n')
}

test('the page about the configuration lists every key with its default', async () => {
  const page = readFileSync(PAGE, 'utf8')
  const renewed = page.replace(/(<!-- keys -->\n)[\s\S]*?(\n<!-- end of keys -->)/, (_all, from, to) =>
    [from, rows(), to].join(''),
  )
  expect(renewed).toContain('| `listen.port` | integer | `4400` |')
  await expect(renewed).toMatchFileSnapshot(PAGE)
})

test('every key says what it is', () => {
  const silent = configKeys().filter(
    ({ path, description }) => description === '' && !path.startsWith('rules.'),
  )
  expect(silent.map(({ path }) => path)).toEqual([])
})

test.each([
  [[], ['data', 'listen', 'sources']],
  [
    ['sources', 'otlp', 'http'],
    ['enabled', 'host', 'port'],
  ],
  [
    ['sources', 'probes', 3, 'http', 'expect'],
    ['status', 'bodyContains'],
  ],
  [
    ['services', 'any name'],
    ['critical', 'objective'],
  ],
  [['nowhere'], []],
])('the keys at %j are known', (path, some) => {
  expect(keysAt(path)).toEqual(expect.arrayContaining(some))
})
