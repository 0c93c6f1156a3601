import { glob } from 'node:fs/promises'
import { filesToFollow } from './log-follower.ts'

const MAX_MATCHES = 2_000

/**
 * The files that names, folders and globs (`/var/log/app-?.log`) stand for now. What is named need not exist yet;
 * rotated siblings (`app.log.1`) are left out beside the file that they were.
 */
export async function filesNamed(
  paths: readonly string[],
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const named: string[] = []
  for (const path of paths) {
    if (!/[*?[{]/.test(path)) named.push(path)
    else named.push(...(await matchesOf(path)))
  }
  return filesToFollow([...new Set(named)], known)
}

async function matchesOf(pattern: string): Promise<readonly string[]> {
  const found: string[] = []
  try {
    for await (const file of glob(pattern)) {
      if (!/\.(?:gz|zst|bz2|xz|zip)$/i.test(file)) found.push(file)
      if (found.length >= MAX_MATCHES) break
    }
  } catch {
    // A folder that may not be read: what else there is counts.
  }
  return found.sort()
}
