import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writeMixedLog } from './mixed-log.ts'

/**
 * Speed of fingerprinting, whole processes: `node bench/fingerprint.ts [MEGABYTES] [LOG]`. Writes a mixed log (nginx,
 * JSON lines, syslog, Python and Java with their exceptions) unless one is given, and prints one table: Firebreak, and
 * beside it what people do without it (mask numbers with sed, sort, count). Drain3 and lnav take part where they are
 * installed.
 */
const megabytes = Number(process.argv[2] ?? 200)
const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
const log = process.argv[3] ?? join(folder, 'mixed.log')
if (!existsSync(log)) writeMixedLog(log, megabytes * 1e6)

const MASKS = [
  's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/U/g',
  's/([0-9]{1,3}\\.){3}[0-9]{1,3}/I/g',
  's/[0-9a-f]{16,}/H/g',
  's/[0-9]+/N/g',
]
const sed = `LC_ALL=C sed -E ${MASKS.map((mask) => `-e '${mask}'`).join(' ')} '${log}' | LC_ALL=C sort | uniq -c | sort -rn > /dev/null`
const drain = [
  'import sys',
  'from drain3 import TemplateMiner',
  'miner = TemplateMiner()',
  'for line in open(sys.argv[1], errors="replace"): miner.add_log_message(line.rstrip())',
].join('\n')

type Contender = { readonly name: string; readonly command: readonly string[] }

const root = resolve(import.meta.dirname, '..')
const contenders: readonly Contender[] = [
  { name: 'firebreak fingerprint', command: [join(root, 'bin/firebreak'), 'fingerprint', log, '--json'] },
  { name: 'sed | sort | uniq -c', command: ['sh', '-c', sed] },
  { name: 'Drain3', command: ['python3', '-c', drain, log] },
]

/** Seconds of wall time and megabytes of memory at most; null where the program is not there. */
function measure({ command }: Contender): { seconds: number; memory: number } | null {
  const started = performance.now()
  const timed = ['/usr/bin/time', '-f', '%M', ...command]
  const [program = '', ...rest] = existsSync('/usr/bin/time') ? timed : command
  const done = spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  if (done.status !== 0) return null
  const memory = Number(/(\d+)\s*$/.exec(done.stderr)?.[1] ?? 0) / 1000
  return { seconds: (performance.now() - started) / 1000, memory }
}

const size = statSync(log).size / 1e6
console.log(`${size.toFixed(0)} MB, best of three\n`)
console.log(`${'program'.padEnd(24)} seconds     MB/s  memory MB`)
for (const contender of contenders) {
  const runs = [measure(contender), measure(contender), measure(contender)].filter((run) => run !== null)
  if (runs.length === 0) {
    console.log(`${contender.name.padEnd(24)} not installed`)
    continue
  }
  const seconds = Math.min(...runs.map((run) => run.seconds))
  const memory = Math.max(...runs.map((run) => run.memory))
  const row = [
    seconds.toFixed(2).padStart(7),
    (size / seconds).toFixed(1).padStart(8),
    memory.toFixed(0).padStart(10),
  ]
  console.log(`${contender.name.padEnd(24)} ${row.join(' ')}`)
}
rmSync(folder, { recursive: true })
