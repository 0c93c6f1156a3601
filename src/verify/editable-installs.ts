import { readdir, readFile, stat } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { isWithin } from './moved-paths.ts'
import type { Invocation, Move } from './moved-paths.ts'

/**
 * Python packages that were installed in place (`pip install -e .`) are imported from the original work tree, whatever
 * the working directory: the patch would not be seen. Python looks in `PYTHONPATH` first, so their folders in the copy
 * are put there. Everything else stays as it is.
 */
export async function withEditableInstalls(invocation: Invocation, move: Move): Promise<Invocation> {
  const installed = new Set<string>()
  for (const folder of await packageFolders(invocation, move)) {
    for (const path of await pathsIn(folder, move)) installed.add(path)
  }
  if (installed.size === 0) return invocation
  const moved = [...installed].map((path) => resolve(move.to, relative(move.from, path)))
  const before = invocation.env['PYTHONPATH']
  const pythonPath = [...moved, ...(before === undefined || before === '' ? [] : [before])].join(delimiter)
  return { ...invocation, env: { ...invocation.env, PYTHONPATH: pythonPath } }
}

/** `site-packages` of the interpreters that the command may run: beside its program, and in the work tree. */
async function packageFolders({ command, cwd, env }: Invocation, move: Move): Promise<readonly string[]> {
  const [program = ''] = command
  const search = program.includes('/')
    ? [dirname(resolve(cwd, program))]
    : (env['PATH'] ?? '').split(delimiter)
  const isThere = await Promise.all(
    search.map((folder) => exists(join(folder, program.split('/').at(-1) ?? ''))),
  )
  const programFolder = search.find((_, index) => isThere[index])
  const inTree = (await namesIn(move.to)).map((name) => join(move.to, name))
  const roots = [
    ...(programFolder === undefined ? [] : [dirname(programFolder)]),
    env['VIRTUAL_ENV'],
    ...inTree,
  ]
  const folders: string[] = []
  for (const root of roots) {
    if (root === undefined) continue
    const versions = (await namesIn(join(root, 'lib'))).filter((name) => /^python3[\d.]*t?$/.test(name))
    for (const version of versions) {
      folders.push(join(root, 'lib', version, 'site-packages'), join(root, 'lib', version, 'dist-packages'))
    }
  }
  return [...new Set(folders)]
}

const MAX_FILE_BYTES = 64 * 1024

/** Folders of the original work tree that a package folder puts on Python's path. */
async function pathsIn(packages: string, move: Move): Promise<readonly string[]> {
  const names = (await namesIn(packages)).filter(
    (name) => name.endsWith('.pth') || /^__editable__.*\.py$/.test(name),
  )
  const paths: string[] = []
  for (const name of names) {
    const file = join(packages, name)
    if (((await stat(file).catch(() => null))?.size ?? MAX_FILE_BYTES) >= MAX_FILE_BYTES) continue
    const text = await readFile(file, 'utf8').catch(() => '')
    paths.push(...(name.endsWith('.pth') ? text.split(/\r?\n/) : mappedFolders(text)))
  }
  // What lies in the environment's own folder is a package like any other.
  return paths.filter(
    (path) => isAbsolute(path) && isWithin(move.from, path) && !/\/(?:site|dist)-packages/.test(path),
  )
}

/** setuptools writes `MAPPING = {'shop': '/repo/src/shop'}`: the folder to look in is the one above. */
function mappedFolders(text: string): readonly string[] {
  const mapping = /^MAPPING(?::[^=]*)?\s*=\s*\{(.*?)\}/ms.exec(text)?.[1] ?? ''
  return [...mapping.matchAll(/:\s*r?(['"])(.*?)\1/g)].map((match) => dirname(match[2] ?? ''))
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
