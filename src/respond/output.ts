import { constants } from 'node:fs'
import { access, open, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'

/** Makes the output folder before the work begins: nobody wants to learn after ten minutes that it can't be written. */
export async function prepareOutput(directory: string): Promise<string> {
  const at = resolve(directory)
  try {
    makeFolder(at)
    await access(at, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `--out: expected a folder that can be written, found ${at}: ${why}`,
      { cause },
    )
  }
  return at
}

/** Writes files whole or not at all, each under a name that readers see only when it is complete. */
export async function writeOutput(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const names = Object.keys(files)
  for (const name of names) {
    const partial = join(directory, `.${name}.partial`)
    const handle = await open(partial, 'w')
    await handle.writeFile(files[name] ?? '')
    await handle.sync()
    await handle.close()
    await rename(partial, join(directory, name))
  }
  return names
}
