import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killDuringAppends } from '../test/store-kills.ts'

// kill -9 of the engine and of the process that appends, at full rate, ten times each: is every acknowledged row there?
//     node bench/store-kill.ts [TIMES]

const times = Number(process.argv[2] ?? '10')
let isWhole = true
for (const target of ['engine', 'appender'] as const) {
  const directory = mkdtempSync(join(tmpdir(), 'firebreak-store-kill-'))
  const { acknowledged, lost, doubled } = await killDuringAppends({
    directory,
    target,
    times,
    betweenMs: 2_000,
  })
  console.log(
    `${target} killed ${times} times: ${acknowledged * 500} rows acknowledged, ${lost.length} batches with rows lost, ${doubled.length} with rows twice`,
  )
  isWhole &&= acknowledged > 0 && lost.length === 0
  rmSync(directory, { recursive: true, force: true })
}
process.exitCode = isWhole ? 0 : 1
