import { open } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { isWithin } from './moved-paths.ts'
import type { Invocation } from './moved-paths.ts'
import type { PatchedCopy } from './patched-copy.ts'

const BUILD_FOLDER = /(?:^|\/)(?:target|build|dist|out|bin|obj|_build)\//
/** ELF, Mach-O, Windows, Java classes and archives. */
const MACHINE_CODE = /^(?:7f454c46|cffaedfe|cefaedfe|4d5a|cafebabe|504b0304)/

/**
 * Why a patch of the source would change nothing: the command runs what was built before. Null where it does not, as
 * far as its arguments tell.
 */
export async function builtAhead({ command, cwd }: Invocation, copy: PatchedCopy): Promise<string | null> {
  for (const word of command) {
    const path = isAbsolute(word) ? word : join(cwd, word)
    const name = isWithin(copy.root, path) ? path.slice(copy.root.length + 1) : ''
    if (isClassPath(word, { cwd, copy }))
      return `it runs classes from ${word}, which were built before the patch: a patch of the source is not in them`
    const left = copy.leftOut.some((folder) => name.startsWith(`${folder}/`))
    if (!left && !copy.untracked.has(name)) continue
    if (left || BUILD_FOLDER.test(name) || (await isMachineCode(path))) {
      return `it runs ${name}, which was built before the patch: a patch of the source is not in it`
    }
  }
  return null
}

type Built = { readonly cwd: string; readonly copy: PatchedCopy }

/** `out` or `out:lib/a.jar`: a list of places, one of which is a folder with classes that git does not track. */
function isClassPath(word: string, { cwd, copy }: Built): boolean {
  const folders = word
    .split(/[:;]/)
    .filter((part) => part !== '' && !part.startsWith('-'))
    .map((part) => resolve(cwd, part))
    .filter((path) => isWithin(copy.root, path) && path !== copy.root)
    .map((path) => `${path.slice(copy.root.length + 1)}/`)
  return [...copy.untracked].some(
    (file) => file.endsWith('.class') && folders.some((folder) => file.startsWith(folder)),
  )
}

async function isMachineCode(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return false
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  await file.close()
  return MACHINE_CODE.test(buffer.subarray(0, bytesRead).toString('hex'))
}
