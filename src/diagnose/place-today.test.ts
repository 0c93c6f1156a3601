import { expect, test } from 'vitest'
import { placeToday } from './place-today.ts'

const text = [
  'import db',
  '',
  'def other():',
  '    return 1',
  '',
  'def find(code):',
  '    client = db.connect()',
  '    return client.get(code)',
  '',
].join('\n')
const readFile = async (path: string): Promise<string | null> => (path === 'a.py' ? text : null)
const at = { file: 'a.py', line: 2, function: null }

test('follows a line that later commits moved, and names its function', async () => {
  const hunk = {
    file: 'a.py',
    oldStart: 1,
    newStart: 1,
    lines: [' def find(code):', '-    with db.connect() as client:', '+    client = db.connect()'],
  }
  expect(await placeToday(readFile, at, hunk)).toEqual({ file: 'a.py', line: 7, function: 'find' })
})

test('keeps the place where the file is gone', async () => {
  expect(await placeToday(readFile, { ...at, file: 'gone.py' }, null)).toEqual({ ...at, file: 'gone.py' })
})

test('keeps a line that nothing says more of, within the file', async () => {
  const hunk = { file: 'a.py', oldStart: 90, newStart: 90, lines: ['-removed_and_gone()'] }
  expect((await placeToday(readFile, { ...at, line: 90 }, hunk)).line).toBe(9)
})
