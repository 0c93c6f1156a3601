import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A Node program of this project as a process of its own that says where it listens: `{ "port": 1234 }`. */
export async function startProgram(
  file: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
): Promise<{ readonly child: ChildProcessWithoutNullStreams; readonly port: number }> {
  const child = spawn(process.execPath, [file, ...(options.args ?? [])], {
    env: { ...process.env, ...options.env },
    stdio: 'pipe',
  })
  child.stderr.pipe(process.stderr)
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line) as { port: number }
    child.stdout.resume()
    return { child, port }
  }
  throw new Error(`${file} ended before it listened`)
}
