import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-make-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('makes what is missing of a path, and is content where all is there', () => {
  const folder = join(temporary(), 'a', 'b')
  makeFolder(folder, 0o700)
  makeFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('a file on the way is an error', () => {
  const file = join(temporary(), 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow('EEXIST')
  expect(() => makeFolder(join(file, 'below'))).toThrow('EEXIST')
})

test.skipIf(process.platform !== 'linux')('a place that the kernel does not know ends with an error', () => {
  expect(() => makeFolder('/proc/no such place/below')).toThrow('ENOENT')
})
