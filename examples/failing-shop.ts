import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const HISTORY = fileURLToPath(new URL('failing-shop/history', import.meta.url))

/** Patches of the history, in order, after which a release was made. */
const RELEASES: Readonly<Record<string, string>> = { '0005': 'v1.3.0', '0010': 'v1.4.0' }

/**
 * Makes the shop's repository in an empty or missing folder: ten commits and two releases, written from the patches in
 * `failing-shop/history`. The same commits, with the same ids, every time. Somewhere between the releases checkouts
 * with an unknown coupon began to fail.
 */
export async function makeExampleRepository(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const git = (...args: readonly string[]): Promise<unknown> =>
    run('git', [...SETTINGS, ...args], { cwd: folder, env })
  await git('init', '--quiet', '--template=', '--initial-branch=main')
  const patches = (await readdir(HISTORY)).filter((name) => name.endsWith('.patch')).sort()
  for (const patch of patches) {
    await git('am', '--quiet', '--committer-date-is-author-date', join(HISTORY, patch))
    const release = RELEASES[patch.slice(0, 4)]
    if (release !== undefined) await git('tag', release)
  }
}

/** Nobody's settings: the history is the same for all. */
const env = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_COMMITTER_NAME: 'Firebreak example',
  GIT_COMMITTER_EMAIL: 'example@firebreak.invalid',
}
const SETTINGS = ['-c', 'core.autocrlf=false', '-c', 'commit.gpgSign=false', '-c', 'core.hooksPath=/dev/null']

/** How the shop is started; run it in its repository. */
export function exampleCommand(): readonly string[] {
  return [process.execPath, 'server.js']
}

/** What its users ask for. Of the checkouts one has a coupon, one has none, and one a coupon that nobody knows. */
export function exampleUrls(port: number): readonly string[] {
  const paths = [
    '/health',
    '/products',
    '/checkout?cart=7&coupon=SPRING10',
    '/checkout?cart=9',
    '/checkout?cart=8&coupon=WELCOME',
  ]
  return paths.map((path) => `http://127.0.0.1:${port}${path}`)
}
