import fc from 'fast-check'
import { expect, test } from 'vitest'
import { smallHistory } from '../../test/small-history.ts'
import { createGit, logPatches } from '../git.ts'
import type { ChangedHunk } from './commit-candidate.ts'
import { parseFiles, parsePatches } from './parse-patch.ts'

const git = createGit({ environment: process.env })

async function commitsOf(repository: string): Promise<ReturnType<typeof parsePatches>> {
  return parsePatches(
    await logPatches(git, { repository, revisions: ['HEAD'], maxCommits: 99, maxBytes: 1e8 }),
  )
}

test('reads subjects, times, parents, files and hunks of what git prints', async () => {
  using history = smallHistory([
    ['Start: "quoted" and ümlaut', { 'a.py': 'one\ntwo\nthree\n', 'dir with space/b.txt': 'x\n' }],
    ['Change and rename', { 'a.py': null, 'c.py': 'one\nTWO\nthree\n', 'dir with space/b.txt': 'y' }],
  ])
  const [second, first] = await commitsOf(history.repository)
  expect(first?.subject).toBe('Start: "quoted" and ümlaut')
  expect(first?.parents).toEqual([])
  expect(second?.parents).toEqual([history.first])
  expect(second?.files.map(({ path, oldPath }) => [oldPath, path])).toEqual([
    ['a.py', 'c.py'],
    ['dir with space/b.txt', 'dir with space/b.txt'],
  ])
  expect(second?.files[0]?.hunks).toEqual([
    { file: 'c.py', oldStart: 1, newStart: 1, lines: [' one', '-two', '+TWO', ' three'] },
  ])
  expect(second?.files[1]?.hunks[0]?.lines).toEqual(['-x', '+y'])
})

test('reads a merge by the lines that none of its parents has', () => {
  const [file] = parseFiles(
    `diff --cc src/a.py
index 1111111111111111111111111111111111111111,2222222222222222222222222222222222222222..3333333333333333333333333333333333333333
--- a/src/a.py
+++ b/src/a.py
@@@ -1,3 -1,3 +1,3 @@@
  same
- left
 -right
++both
  end
`,
  )
  expect(file?.path).toBe('src/a.py')
  expect(file?.hunks[0]).toMatchObject({ oldStart: 1, newStart: 1 })
  expect(file?.hunks[0]?.lines).toEqual([' same', '-left', '-right', '+both', ' end'])
})

test('unquotes names with tabs, quotes and bytes', () => {
  const [file] = parseFiles(
    `diff --git "a/t\\tab.py" "b/t\\tab.py"\n--- "a/t\\tab.py"\n+++ "b/t\\tab.py"\n@@ -1 +1 @@\n-a\n+b\n`,
  )
  expect(file?.path).toBe('t\tab.py')
})

test('knows binary files, new files and removed files', async () => {
  using history = smallHistory([
    ['Start', { 'old.txt': 'x\n' }],
    ['Replace', { 'old.txt': null, 'image.bin': 'a\0b\0c', 'empty.txt': '' }],
  ])
  const [second] = await commitsOf(history.repository)
  const files = second?.files.map(({ path, binary, oldBlob, newBlob }) => [
    path,
    binary,
    oldBlob === null,
    newBlob === null,
  ])
  expect(files?.sort()).toEqual([
    ['empty.txt', false, true, false],
    ['image.bin', true, true, false],
    ['old.txt', false, false, true],
  ])
})

test('the hunks of any change, applied to the old text, give the new one', async () => {
  const line = fc.constantFrom(
    '',
    'a',
    'b',
    '  c',
    '-x',
    '+y',
    '@@ z',
    'diff --git a/x b/x',
    '\\ no',
    '--- a/b',
    '+++ b/c',
  )
  const text = fc.array(line, { maxLength: 14 }).map((lines) => lines.map((one) => `${one}\n`).join(''))
  // Many changes of one history: git is started once for all of them.
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 30, maxLength: 40 }), async (texts) => {
      using history = smallHistory(
        texts.map((now, index) => [`${index}`, { 'f.txt': now, 'other.txt': `${index}\n` }]),
      )
      const changes = (await commitsOf(history.repository)).toReversed()
      expect(changes).toHaveLength(texts.length)
      for (const [index, now] of texts.entries()) {
        const before = index === 0 ? '' : (texts[index - 1] ?? '')
        const hunks = changes[index]?.files.find(({ path }) => path === 'f.txt')?.hunks ?? []
        expect(applied(hunks, before)).toBe(now)
      }
    }),
    { numRuns: 3 },
  )
})

function applied(hunks: readonly ChangedHunk[], before: string): string {
  const lines = before.split('\n')
  for (const hunk of hunks.toReversed()) {
    const old = hunk.lines.filter((one) => !one.startsWith('+')).map((one) => one.slice(1))
    const now = hunk.lines.filter((one) => !one.startsWith('-')).map((one) => one.slice(1))
    // Of nothing at all, git names the line before.
    const at = old.length === 0 ? hunk.oldStart : hunk.oldStart - 1
    expect(lines.slice(at, at + old.length)).toEqual(old)
    lines.splice(at, old.length, ...now)
  }
  return lines.join('\n')
}

test('a log that was cut gives the commits before the cut', async () => {
  using history = smallHistory([
    ['A', { 'a.py': 'a\n' }],
    ['B', { 'a.py': 'b\n' }],
  ])
  const text = await logPatches(git, {
    repository: history.repository,
    revisions: ['HEAD'],
    maxCommits: 9,
    maxBytes: 300,
  })
  expect(parsePatches(text)[0]?.subject).toBe('B')
})
