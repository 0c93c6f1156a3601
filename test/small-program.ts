import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A folder that is removed when it goes out of scope. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'firebreak-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * Writes a small HTTP program as `server.cjs` and says how it is started. `handler` is the body of `(request,
 * response) => {…}`; `before` runs before it listens.
 */
export function smallProgram(folder: string, handler: string, before = ''): readonly string[] {
  const code = `${before}
require('node:http').createServer((request, response) => {
  ${handler}
}).listen(Number(process.env.PORT), '127.0.0.1')
`
  writeFileSync(join(folder, 'server.cjs'), code)
  return [process.execPath, 'server.cjs']
}
