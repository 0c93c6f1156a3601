import { extname, join } from 'node:path'

/** A program of the lab's own, beside this file: built or as source, whichever we are ourselves. */
export function ownProgram(
  folder: 'platform' | 'load',
  name: string,
): { program: string; args: readonly string[] } {
  const file = join(import.meta.dirname, '..', folder, `${name}${extname(import.meta.filename)}`)
  return { program: process.execPath, args: ['--no-warnings', '--max-old-space-size=192', file] }
}
