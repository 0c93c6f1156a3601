import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { AppError, errorCodes } from './errors.ts'

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const rows = page.split('\n').filter((line) => /^\| `[A-Z_]+`/.test(line))
const documented = rows.map((row) => row.split('|').map((cell) => cell.trim()))

describe('docs/errors.md', () => {
  test('documents every code, and no other', () => {
    const codes = documented.map(([, code]) => code?.replaceAll('`', ''))
    expect(new Set(codes)).toEqual(new Set(Object.keys(errorCodes)))
    expect(codes.length).toBe(new Set(codes).size)
  })

  test('means what the code means', () => {
    const meanings = documented.map(([, code, meaning]) => [code?.replaceAll('`', ''), meaning])
    expect(Object.fromEntries(meanings)).toEqual(errorCodes)
  })

  test('has a next step for each', () => {
    expect(documented.filter(([, , , next]) => (next ?? '').length < 20)).toEqual([])
  })
})

test('an error carries its code, its cause and the next step', () => {
  const cause = new Error('ENOENT')
  const error = new AppError('INPUT_NOT_FOUND', 'expected a log, found nothing at ./x', {
    hint: 'check the path',
    cause,
  })
  expect(error).toMatchObject({ name: 'AppError', code: 'INPUT_NOT_FOUND', hint: 'check the path', cause })
})
