import { expect, test } from 'vitest'
import { fingerprintOf } from './evidence-builder.ts'
import { locateLogLine } from './locate-log-line.ts'

const sources: Readonly<Record<string, string>> = {
  'app.py':
    'import random\nif random.random() < 0.5:\n    log.error("Random failure occurred for %s", name)\n',
  'other.py': 'log.error("could not place the order")\n',
  'more.py': 'log.error("could not place the order")\n',
  'test_app.py': 'assert "Random failure occurred for" in text\n',
}
const source = {
  files: new Set(Object.keys(sources)),
  readFile: async (path: string) => sources[path] ?? null,
}

test.each([
  ['Random failure occurred for <*>', { file: 'app.py', line: 3 }],
  ['could not place the order', null],
  ['<*> of <*>', null],
  ['nobody writes this line', null],
])('%s', async (template, place) => {
  expect(await locateLogLine(source, fingerprintOf({ line: template }))).toEqual(place)
})
