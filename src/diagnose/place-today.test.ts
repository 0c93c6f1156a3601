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

test('follows a line that later commits moved, and names its function', async () => {
  const lines = [' def find(code):', '-    with db.connect() as client:', '+    client = db.connect()']
  const hunk = { file: 'a.py', oldStart: 1, newStart: 1, lines }
  expect(await placeToday(readFile, hunk)).toEqual({ file: 'a.py', line: 7, function: 'find' })
})

test('keeps the place where the file is gone', async () => {
  const hunk = { file: 'gone.py', oldStart: 4, newStart: 4, lines: [' a', ' b', '+new_line_here()'] }
  expect(await placeToday(readFile, hunk)).toEqual({ file: 'gone.py', line: 6, function: null })
})

test('stays within the file where the line is gone', async () => {
  const hunk = { file: 'a.py', oldStart: 90, newStart: 90, lines: ['-removed_and_gone()'] }
  expect((await placeToday(readFile, hunk)).line).toBe(9)
})
