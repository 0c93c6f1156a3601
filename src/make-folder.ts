import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes an absolute path with all folders above it; throws what `mkdir` does. Not `mkdir` with `recursive`: where the
 * kernel says that there is no such place although the folder above is there, as below /proc, that one tries for ever.
 */
export function makeFolder(folder: string, mode = 0o755): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder), mode)
  mkdirSync(folder, { mode })
}
