import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { lab } from './own-lab.ts'

const run = promisify(execFile)

/**
 * A release of the lab's shop in which any share of all requests can be made to fail, on every instance within 50 ms:
 * what a benchmark needs that measures from the first failing request on.
 */
export type FailingShare = { readonly set: (share: number) => void }

const HOOK = (file: string): string => `import { readFileSync } from 'node:fs'

/** Some requests are refused at the door. */
export function refuseSome(app) {
  let share = 0
  setInterval(() => {
    share = Number(readFileSync(${JSON.stringify(file)}, 'latin1'))
  }, 50).unref()
  app.addHook('onRequest', async (request) => {
    if (Math.random() < share && !request.url.startsWith('/health')) throw new Error('the request was refused')
  })
}
`

/** Commits it to the lab's repository and deploys it; returns when every instance runs it. */
export async function deployFailingShare(folder: string): Promise<FailingShare> {
  const file = join(folder, 'failing-share')
  writeFileSync(file, '0', { mode: 0o644 })
  const repository = join(folder, 'repository')
  const build = join(repository, 'app', 'build.js')
  const git = (...words: string[]) =>
    run('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@shop.example', ...words], {
      cwd: repository,
    })
  writeFileSync(join(repository, 'app', 'refuse-some.js'), HOOK(file))
  const source = readFileSync(build, 'utf8')
  const hooked = source
    .replace(
      'import { logRequests }',
      "import { refuseSome } from './refuse-some.js'\nimport { logRequests }",
    )
    .replace('  logRequests(app, parts.log)\n', '  logRequests(app, parts.log)\n  refuseSome(app)\n')
  if (hooked.length < source.length + 50) throw new Error(`${build} is not what was expected`)
  writeFileSync(build, hooked)
  await git('add', 'app')
  await git('commit', '--quiet', '--message', 'Refuse some requests')
  const { stdout } = await git('rev-parse', 'HEAD')
  await lab(folder, 'deploy', stdout.trim())
  return { set: (share) => writeFileSync(file, String(share)) }
}
