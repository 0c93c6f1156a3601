import { open, readFile, rename, rm } from 'node:fs/promises'

/** Reads a file of JSON that we wrote ourselves; null where there is none, or where it is damaged. */
export async function readKept(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch {
    return null
  }
}

/** Writes the whole file or nothing: also when the power goes, the old one or the new one is there. */
export async function writeKept(path: string, content: unknown, mode = 0o600): Promise<void> {
  const fresh = `${path}.new`
  const file = await open(fresh, 'w', mode)
  try {
    await file.writeFile(JSON.stringify(content))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
}

export async function removeKept(path: string): Promise<void> {
  await rm(path, { force: true })
}
