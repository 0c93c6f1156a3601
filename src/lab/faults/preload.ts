import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LabSystem } from '../platform/lab-system.ts'

export type Preload = {
  /** A file name without anything that tells what it is for: its path stands in the environment of the process. */
  readonly name: string
  readonly code: string
  readonly processes: readonly string[]
}

/**
 * Restarts processes with a module that is loaded before the program, as the agents of monitoring and security
 * products are. Returns what restarts them without it.
 */
export async function preload(
  system: LabSystem,
  { name, code, processes }: Preload,
): Promise<() => Promise<void>> {
  const file = join(system.directories.scratch, name)
  await writeFile(file, code)
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` }
  const touched: string[] = []
  async function undo(): Promise<void> {
    for (const process of touched) await system.processes.get(process).restart({ env: {} })
  }
  try {
    for (const process of processes) {
      touched.push(process)
      await system.processes.get(process).restart({ env })
    }
  } catch (cause) {
    await undo()
    throw cause
  }
  return undo
}
