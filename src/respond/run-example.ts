import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import type { Doing, Parts } from '../parts.ts'
import { respondToRun } from './respond-to-run.ts'
import type { Outcome } from './responders.ts'

/**
 * The main job on a small failing program whose history is made as it runs. The maker prints, as one line of JSON,
 * where the repository is and how the program is run and asked.
 */
export async function runExample(parts: Parts, plan: { out: string }, doing: Doing): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-example-'))
  try {
    const made = await makeExample(parts, folder)
    doing.progress.note(`made a small shop with its git history in ${folder}`)
    doing.progress.note(
      `firebreak run ${made.urls.map((url) => `--url ${url}`).join(' ')} -- ${made.command.join(' ')}`,
    )
    const inside = { ...parts, cwd: folder }
    const common = { repository: folder, logs: [], database: null, deploysFile: null, objective: null }
    const asked = {
      ...common,
      ...made,
      requestsFile: null,
      ratePerSecond: null,
      forMs: null,
      prove: true,
      out: resolve(parts.cwd, plan.out),
    }
    return await respondToRun(inside, asked, doing)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type MadeExample = { readonly command: readonly string[]; readonly urls: readonly string[] }

async function makeExample(parts: Parts, folder: string): Promise<MadeExample> {
  const maker = resolve(import.meta.dirname, '..', '..', 'examples', 'failing-shop.ts')
  const child = spawn(process.execPath, [maker, folder], {
    env: parts.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
  const [code] = await once(child, 'close')
  if (code !== 0)
    throw new AppError(
      'GIT_FAILED',
      `expected ${maker} to make the example, but it ended with ${String(code)}`,
    )
  return JSON.parse(printed) as MadeExample
}
