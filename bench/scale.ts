// npm run bench:scale: a repository with 20,000 commits and a log of 1 GB, investigated. Takes 3 GB of disk.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { measureRun } from './measured-run.ts'

const COMMITS = Number(process.argv[2] ?? 20_000)
const LOG_BYTES = Number(process.argv[3] ?? 1_000_000_000)
const FILES = 400
/** The log covers so much before the deploy, and as much after it. */
const HALF_MS = 3_600_000
const CULPRIT_FROM_END = 17
/** Commits have marks of their own, beyond those of the blobs. */
const COMMIT_MARKS = 1_000_000
const START = Date.UTC(2024, 0, 1)
const folder = mkdtempSync(join(tmpdir(), 'firebreak-scale-'))
const repository = join(folder, 'repository')

function fileText(file: number, version: number): string {
  const functions = Array.from({ length: 12 }, (_, index) => {
    const amount = index === version % 12 ? version : index
    return `def step_${file}_${index}(order):\n    total = order["total"] + ${amount}\n    return {"id": order["id"], "total": total}\n`
  })
  return functions.join('\n\n')
}

const CART = (read: string): string =>
  `import json\n\n\ndef load_cart(path):\n    with open(path) as cart_file:\n        return ${read}\n`

/** A history for `git fast-import`: one file changes per commit, and one commit reads JSON wrongly. */
function* history(): Generator<string> {
  let mark = 0
  const blob = (text: string): string => `blob\nmark :${++mark}\ndata ${Buffer.byteLength(text)}\n${text}\n`
  for (let commit = 0; commit < COMMITS; commit++) {
    const isCulprit = commit === COMMITS - CULPRIT_FROM_END
    const path = commit === 0 || isCulprit ? 'src/cart.py' : `src/part_${commit % FILES}.py`
    const text =
      commit === 0
        ? CART('json.load(cart_file)')
        : isCulprit
          ? CART('json.loads(cart_file)')
          : fileText(commit % FILES, commit)
    const subject = isCulprit ? 'Simplify the cart' : `Adjust part ${commit % FILES}`
    yield blob(text)
    const when = Math.floor(START / 1000) + commit * 3000
    yield `commit refs/heads/main\nmark :${COMMIT_MARKS + commit}\ncommitter A <a@example.invalid> ${when} +0000\ndata ${Buffer.byteLength(subject)}\n${subject}\nM 100644 :${mark} ${path}\n\n`
    if (commit === COMMITS - 60) yield `reset refs/tags/v1\nfrom :${COMMIT_MARKS + commit}\n\n`
  }
  yield `reset refs/tags/v2\nfrom :${COMMIT_MARKS + COMMITS - 1}\n\n`
}

async function git(args: readonly string[], input: Iterable<string> = []): Promise<void> {
  const child = spawn('git', args, { stdio: ['pipe', 'inherit', 'inherit'] })
  for (const text of input) if (!child.stdin.write(text)) await once(child.stdin, 'drain')
  child.stdin.end()
  const code = await new Promise((ended) => child.on('close', ended))
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${String(code)}`)
}

const TRACE = [
  'Traceback (most recent call last):',
  '  File "/usr/lib/python3/dist-packages/flask/app.py", line 1820, in full_dispatch_request',
  '    rv = self.dispatch_request()',
  '  File "/app/src/cart.py", line 6, in load_cart',
  '    return json.loads(cart_file)',
  'TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper',
]

async function writeLog(path: string, deployedAt: number): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 1 << 20 })
  let written = 0
  for (let line = 0; written < LOG_BYTES; line++) {
    const offsetMs = Math.floor((written / LOG_BYTES) * 2 * HALF_MS)
    const at = new Date(deployedAt - HALF_MS + offsetMs)
      .toISOString()
      .replace('T', ' ')
      .replace('.', ',')
      .slice(0, 23)
    const isFailing = offsetMs > HALF_MS + 100_000 && line % 20 === 0
    const status = isFailing ? 500 : 200
    const text = [
      ...(isFailing ? [`${at} ERROR Exception on /cart/${line % 9999} [GET]`, ...TRACE] : []),
      `${at} INFO 10.0.${line % 200}.${line % 250} - "GET /cart/${line % 9999} HTTP/1.1" ${status} ${line % 5000}`,
      `${at} INFO order ${line} of customer c${line % 40_000} took ${line % 800} ms in warehouse ${line % 7}`,
      '',
    ].join('\n')
    written += text.length
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}

try {
  console.log(`making ${COMMITS} commits and ${LOG_BYTES / 1e6} MB of log in ${folder}`)
  await git(['init', '-q', '-b', 'main', repository])
  await git(['-C', repository, 'fast-import', '--quiet'], history())
  await git(['-C', repository, 'reset', '-q', '--hard'])
  const deployedAt = START + COMMITS * 3_000_000 + 3_600_000
  await writeLog(join(folder, 'app.log'), deployedAt)
  const deploys = [
    { at: new Date(deployedAt - 86_400_000).toISOString(), commit: 'v1' },
    { at: new Date(deployedAt).toISOString(), commit: 'v2' },
  ]
  writeFileSync(
    join(folder, 'deploys.jsonl'),
    deploys.map((deploy) => `${JSON.stringify(deploy)}\n`).join(''),
  )
  const firebreak = resolve(import.meta.dirname, '..', 'bin', 'firebreak')
  const args = [
    'investigate',
    '--log',
    'app.log',
    '--repo',
    repository,
    '--deploys',
    'deploys.jsonl',
    '--out',
    'out',
    '--json',
  ]
  const run = await measureRun([firebreak, ...args], folder)
  const { factors, impact } = JSON.parse(run.stdout) as {
    factors: { cause: string; commit: { subject: string } | null }[]
    impact: { requests: number; failed: number }
  }
  console.log(
    `| commits | log | seconds | peak memory | first cause | its commit | requests | failed |\n|---|---|---|---|---|---|---|---|`,
  )
  console.log(
    `| ${COMMITS} | ${LOG_BYTES / 1e6} MB | ${run.seconds.toFixed(1)} | ${run.peakMegabytes.toFixed(0)} MB | ${factors[0]?.cause} | ${factors[0]?.commit?.subject} | ${impact.requests} | ${impact.failed} |`,
  )
} finally {
  if (process.argv[4] !== 'keep') rmSync(folder, { recursive: true, force: true })
}
