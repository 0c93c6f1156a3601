import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { superviseEngine } from '../src/store/engine.ts'

export type KillReport = {
  /** Batches that were acknowledged, in all runs. */
  readonly acknowledged: number
  /** Of these, those with rows that are not there. */
  readonly lost: readonly string[]
  /** Of these, those with rows that are there twice. */
  readonly doubled: readonly string[]
}

const PROGRAM = join(import.meta.dirname, 'programs', 'store-appender.ts')
const BATCH = 500

/**
 * Appends at full rate and kills (SIGKILL) the engine, or the process that appends, so many times; then looks whether
 * every row that was acknowledged is there.
 */
export async function killDuringAppends(options: {
  directory: string
  target: 'engine' | 'appender'
  times: number
  betweenMs: number
}): Promise<KillReport> {
  const acknowledged = new Set<string>()
  for (let round = 0; round < options.times; round++) {
    await oneRound(options, { round, acknowledged })
  }
  const rows = await storedBatches(options.directory)
  const of = (isSo: (counts: { total: number; different: number }) => boolean): string[] =>
    [...acknowledged].filter((batch) => isSo(rows.get(batch) ?? { total: 0, different: 0 }))
  return {
    acknowledged: acknowledged.size,
    lost: of(({ different }) => different < BATCH),
    doubled: of(({ total, different }) => total > different),
  }
}

async function oneRound(
  { directory, target, betweenMs }: { directory: string; target: 'engine' | 'appender'; betweenMs: number },
  { round, acknowledged }: { round: number; acknowledged: Set<string> },
): Promise<void> {
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM, directory, String(round * 1_000_000)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const opened = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'open') opened.resolve()
    else acknowledged.add(line.slice('kept '.length))
  })
  await Promise.race([opened.promise, ended])
  await pause(betweenMs * (0.6 + ((round * 7) % 10) / 12)) // not always at the same moment of a group commit
  if (target === 'engine') {
    const { pid } = JSON.parse(readFileSync(join(directory, 'engine.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGKILL')
    const before = acknowledged.size
    // It must come back by itself, and take more.
    for (let waitedMs = 0; acknowledged.size <= before + 2 && waitedMs < 20_000; waitedMs += 50)
      await pause(50)
    if (acknowledged.size <= before + 2) throw new Error('the engine did not come back after it was killed')
  }
  child.kill('SIGKILL')
  await ended
}

/** Batch → its rows, and its different rows. Waits for the engine of a killed parent to let go. */
async function storedBatches(
  directory: string,
): Promise<ReadonlyMap<string, { total: number; different: number }>> {
  const engine = await superviseEngine({ directory, memoryBytes: 1 << 30, onNote: () => {} })
  try {
    const answer = await engine.client()?.query({
      query:
        'SELECT EventName AS batch, toUInt32(count()) AS total, toUInt32(uniqExact(Body)) AS different FROM otel_logs GROUP BY batch',
      format: 'JSONEachRow',
    })
    const rows = (await answer?.json<{ batch: string; total: number; different: number }>()) ?? []
    return new Map(rows.map(({ batch, ...counts }) => [batch, counts]))
  } finally {
    await engine.close()
  }
}
