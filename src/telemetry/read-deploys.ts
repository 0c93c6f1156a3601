import { readFile } from 'node:fs/promises'
import type { Deploy } from './change.ts'
import { fileError } from './sources/log-inputs.ts'

/** Reads a `--deploys` file: JSON Lines of `{"at": ISO, "service"?, "version"?, "commit"?, "previousCommit"?}`. */
export async function readDeploys(path: string): Promise<Deploy[]> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (cause) {
    throw fileError(path, cause)
  }
  // Loaded only here: most runs have no such file, and its schema is slow to load.
  const { parseDeploys } = await import('./deploys.ts')
  return parseDeploys(content, path)
}
