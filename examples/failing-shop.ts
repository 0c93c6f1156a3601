import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HISTORY = fileURLToPath(new URL('failing-shop/history', import.meta.url))

/** Patches of the history after which a release was made. */
const RELEASES: Readonly<Record<string, string>> = { '0005': 'v1.3.0', '0010': 'v1.4.0' }

/**
 * Makes the shop's repository in an empty or missing folder: ten commits and two releases, written from the patches in
 * `failing-shop/history`, moved in time so that the last one was made at `releasedAt`. Between the two releases
 * checkouts without a coupon, or with one that nobody knows, began to fail.
 */
export async function makeExampleRepository(folder: string, releasedAt: Date): Promise<void> {
  await mkdir(folder, { recursive: true })
  const names = (await readdir(HISTORY)).filter((name) => name.endsWith('.patch')).sort()
  const patches = await Promise.all(names.map((name) => readFile(join(HISTORY, name), 'utf8')))
  const shiftMs = releasedAt.getTime() - dateOf(patches.at(-1) ?? '').getTime()
  await git(folder, ['init', '--quiet', '--template=', '--initial-branch=main'])
  for (const [index, patch] of patches.entries()) {
    await git(folder, ['am', '--quiet', '--committer-date-is-author-date'], movedInTime(patch, shiftMs))
    const release = RELEASES[(names[index] ?? '').slice(0, 4)]
    if (release !== undefined) await git(folder, ['tag', release])
  }
}

function dateOf(patch: string): Date {
  return new Date(/^Date: (.*)$/m.exec(patch)?.[1] ?? Number.NaN)
}

function movedInTime(patch: string, shiftMs: number): string {
  const at = new Date(dateOf(patch).getTime() + shiftMs)
  return patch.replace(/^Date: .*$/m, `Date: ${at.toUTCString().replace('GMT', '+0000')}`)
}

/** Git without anybody's settings. */
async function git(folder: string, args: readonly string[], input = ''): Promise<void> {
  const settings = [
    '-c',
    'core.autocrlf=false',
    '-c',
    'commit.gpgSign=false',
    '-c',
    'core.hooksPath=/dev/null',
  ]
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_COMMITTER_NAME: 'Firebreak example',
    GIT_COMMITTER_EMAIL: 'example@firebreak.invalid',
  }
  const child = spawn('git', [...settings, ...args], {
    cwd: folder,
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin.on('error', () => {}) // the exit code tells what happened
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  if (code !== 0)
    throw new Error(`expected git ${args[0] ?? ''} to make the example, but it ended with ${String(code)}`)
}

/** How the shop is started in its repository, and what its users ask for. */
export function exampleRun(port: number): {
  readonly command: readonly string[]
  readonly urls: readonly string[]
} {
  const paths = [
    '/health',
    '/products',
    '/checkout?cart=7&coupon=SPRING10',
    '/checkout?cart=9',
    '/checkout?cart=8&coupon=WELCOME',
  ]
  return {
    command: ['node', 'server.js', String(port)],
    urls: paths.map((path) => `http://127.0.0.1:${port}${path}`),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** The last release went live this long before the example is run. */
const RELEASE_AGE_MS = 12 * 60_000

// `node examples/failing-shop.ts FOLDER` makes the repository and prints how to run it, as JSON.
const [, program, folder] = process.argv
if (program === fileURLToPath(import.meta.url) && folder !== undefined) {
  await makeExampleRepository(folder, new Date(Date.now() - RELEASE_AGE_MS))
  process.stdout.write(`${JSON.stringify(exampleRun(await freePort()))}\n`)
}
