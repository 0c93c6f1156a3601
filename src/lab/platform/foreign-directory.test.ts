import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { refuseForeignDirectory } from './foreign-directory.ts'
import { stateDirectoryAt } from './state-directory.ts'

function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of names) {
    if (name.endsWith('/')) mkdirSync(join(folder, name))
    else writeFileSync(join(folder, name), '')
  }
  return folder
}

test.each([{ names: [] }, { names: ['operator/', 'logs/', 'postgres/'] }, { names: ['supervisor.pid'] }])(
  'a folder with $names is empty, or a lab’s',
  ({ names }) => {
    expect(() => refuseForeignDirectory(stateDirectoryAt(folderWith(...names)))).not.toThrow()
  },
)

test.each([
  { names: ['logs/', 'package.json'] },
  { names: ['logs/'] },
  { names: ['operator/', '.git/', 'main.go'] },
])('a folder with $names is somebody’s work', ({ names }) => {
  const directory = stateDirectoryAt(folderWith(...names))
  expect(() => refuseForeignDirectory(directory)).toThrow(/expected an empty folder or that of a lab/)
})

test('a folder that is not there is fine', () => {
  const directory = stateDirectoryAt(join(folderWith(), 'lab'))
  expect(() => refuseForeignDirectory(directory)).not.toThrow()
})
