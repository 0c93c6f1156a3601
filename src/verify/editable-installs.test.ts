import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/small-program.ts'
import { withEditableInstalls } from './editable-installs.ts'

/** A virtual environment whose site-packages hold these files, and a program in its `bin`. */
function environment(root: string, files: Readonly<Record<string, string>>): string {
  const packages = join(root, 'lib/python3.12/site-packages')
  mkdirSync(packages, { recursive: true })
  mkdirSync(join(root, 'bin'), { recursive: true })
  writeFileSync(join(root, 'bin/gunicorn'), '')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(packages, name), text)
  return join(root, 'bin')
}

describe('withEditableInstalls', () => {
  const move = { from: '/repo', to: '/copy' }
  test.each([
    ['a path file', { 'shop.pth': '/repo/src\n' }, '/copy/src'],
    [
      'a finder',
      { '__editable___shop_finder.py': "MAPPING: dict[str, str] = {'shop': '/repo/src/shop'}\n" },
      '/copy/src',
    ],
    [
      'both',
      { 'a.pth': '/repo\n', '__editable___b_finder.py': 'MAPPING = {"b": "/repo/lib/b"}' },
      '/copy/lib:/copy',
    ],
    ['one of another repository', { 'x.pth': '/elsewhere/src\nimport x; x.y()\n' }, undefined],
    ['its own packages', { 'x.pth': '/repo/venv/lib/python3.12/site-packages/x\n' }, undefined],
    ['none', {}, undefined],
  ])('%s', async (_, files, expected) => {
    using folder = temporaryFolder()
    const bin = environment(folder.path, files)
    const given = { command: ['gunicorn', 'shop:app'], cwd: '/copy', env: { PATH: `/nowhere:${bin}` } }
    const result = await withEditableInstalls(given, move)
    expect(result.env['PYTHONPATH']?.split(':').toSorted().join(':')).toBe(
      expected?.split(':').toSorted().join(':'),
    )
  })

  test('keeps what was there, behind', async () => {
    using folder = temporaryFolder()
    const bin = environment(folder.path, { 'shop.pth': '/repo/src\n' })
    const given = { command: [`${bin}/gunicorn`], cwd: '/copy', env: { PYTHONPATH: '/other' } }
    expect((await withEditableInstalls(given, move)).env['PYTHONPATH']).toBe('/copy/src:/other')
  })

  test('finds the environment in the work tree', async () => {
    using folder = temporaryFolder()
    environment(join(folder.path, '.venv'), { 'shop.pth': '/repo/src\n' })
    const result = await withEditableInstalls(
      { command: ['make', 'run'], cwd: '/', env: {} },
      { from: '/repo', to: folder.path },
    )
    expect(result.env['PYTHONPATH']).toBe(join(folder.path, 'src'))
  })
})
