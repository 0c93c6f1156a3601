import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A small JSON file in which a source keeps how far it came. */
export type StateFile = {
  /** What was written last; null where there is nothing, or it cannot be read as JSON. */
  read(): Promise<unknown>
  /** Replaces it: a crash leaves the old content or the new, never a part. */
  write(value: unknown): Promise<void>
}

/** Opens the state at `path`; its folder is made when it is first written. `null`: nothing is kept. */
export function stateFile(path: string | null): StateFile {
  if (path === null) return { read: async () => null, write: async () => {} }
  const beside = `${path}.new`
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch(() => null)
      if (text === null) return null
      try {
        return JSON.parse(text) as unknown
      } catch {
        return null
      }
    },
    async write(value) {
      await mkdir(dirname(path), { recursive: true })
      const file = await open(beside, 'w', 0o600)
      try {
        await file.writeFile(JSON.stringify(value))
        // Without it, a machine that loses power may have the new name on an empty file.
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(beside, path)
    },
  }
}
