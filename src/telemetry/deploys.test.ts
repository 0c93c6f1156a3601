import { describe, expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { parseDeploys } from './deploys.ts'
import { readDeploys } from './read-deploys.ts'

function refusal(content: string): string {
  try {
    parseDeploys(content, 'deploys.jsonl')
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.message}`
    throw error
  }
  return 'none'
}

describe('parseDeploys', () => {
  test('reads deploys, oldest first, with what is known of each', () => {
    const content = [
      '\ufeff{"at": "2026-03-03T10:00:00+01:00", "commit": "1a2b3c4", "previousCommit": "v1.2", "service": "web"}',
      '',
      '{"at": "2026-03-03T08:00:00Z", "version": 7, "extra": true}\r',
      '{"at": 1772528400}',
    ].join('\n')
    expect(parseDeploys(content)).toEqual([
      { at: Date.UTC(2026, 2, 3, 8), service: null, version: '7', commit: null, previousCommit: null },
      {
        at: Date.UTC(2026, 2, 3, 9),
        service: 'web',
        version: null,
        commit: '1a2b3c4',
        previousCommit: 'v1.2',
      },
      { at: Date.UTC(2026, 2, 3, 9), service: null, version: null, commit: null, previousCommit: null },
    ])
  })

  test('a file without deploys has none', () => {
    expect(parseDeploys('\n\n')).toEqual([])
  })

  test.each([
    ['{"at": "2026-03-03T08:00:00Z"}\nnot json', 'deploys.jsonl:2, found no JSON: not json'],
    ['[]', 'deploys.jsonl:1, found a deploy'],
    ['{"commit": "1a2b3c4"}', 'deploys.jsonl:1, found "at"'],
    ['{"at": "yesterday"}', 'deploys.jsonl:1, found "at": "yesterday"'],
    ['{"at": "09:00:00"}', 'deploys.jsonl:1, found "at": "09:00:00"'],
    ['{"at": "2026-03-03T08:00:00Z", "service": 7}', 'deploys.jsonl:1, found "service"'],
    // A commit is handed to git: nothing that it could take for an option.
    ['{"at": "2026-03-03T08:00:00Z", "commit": "--upload-pack=x"}', 'deploys.jsonl:1, found "commit"'],
  ])('%j is refused where it is wrong', (content, message) => {
    expect(refusal(content)).toContain(`DEPLOYS_INVALID expected a deploy at ${message}`)
  })

  test('a file that is not there is refused by its name', async () => {
    await expect(readDeploys('/nowhere/deploys.jsonl')).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
  })
})
