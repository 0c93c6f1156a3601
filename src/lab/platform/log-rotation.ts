import { copyFile, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'

const MAX_BYTES = 64 * 1024 * 1024

/**
 * Logs that have grown large are copied to `<name>.1` and cut: their writers append, and go on at the new end. What is
 * written between the two steps is lost, as with logrotate's copytruncate.
 */
export async function rotateLogs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.(log|jsonl)$/.test(name)) continue
    const file = join(folder, name)
    const { size } = await stat(file)
    if (size < MAX_BYTES) continue
    await copyFile(file, `${file}.1`)
    await truncate(file)
  }
}
