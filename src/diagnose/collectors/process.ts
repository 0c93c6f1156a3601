import type { ProcessRecord } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { toIso } from '../../time.ts'
import type { Finding, FindingKind } from '../finding.ts'
import type { Collector } from './collector.ts'

/** How the supervised program ended, and whether its memory grew. */
export const collectFromProcess: Collector = async ({ evidence }) => {
  const record = evidence.process
  return record === null ? [] : [...endOf(record), ...memoryOf(record)]
}

function endOf(record: ProcessRecord): readonly Finding[] {
  if (record.exitedAt === null) return []
  const name = record.command[0] ?? 'the program'
  const { signal, exitCode } = record
  // 128 + signal number is how shells and containers pass a signal on: 137 is SIGKILL, 134 is SIGABRT.
  const killed = signal === 'SIGKILL' || exitCode === 137
  if (killed) {
    const how = signal ?? `exit code ${String(exitCode)}`
    return [
      made(record, 'process-killed', { summary: `${name} was killed from outside (${how})`, strength: 1 }),
    ]
  }
  if (signal !== null || (exitCode !== null && exitCode !== 0)) {
    const how = signal === null ? `exit code ${String(exitCode)}` : `signal ${signal}`
    return [made(record, 'process-exited', { summary: `${name} ended by itself with ${how}`, strength: 1 })]
  }
  return [
    made(record, 'process-exited', {
      summary: `${name} ended by itself, without an error code`,
      strength: 0.5,
    }),
  ]
}

/** Fewer samples say nothing about a trend. */
const FEWEST_SAMPLES = 6

function memoryOf(record: ProcessRecord): readonly Finding[] {
  const samples = settled(record)
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || samples.length < FEWEST_SAMPLES) return []
  const growth = last.bytes / first.bytes
  const rising = risingShare(samples)
  const words = `memory went from ${megabytes(first.bytes)} to ${megabytes(last.bytes)} in ${Math.round((last.at - first.at) / 1000)} s`
  if (growth >= 1.5 && rising >= 0.7) {
    return [made(record, 'memory-grows', { summary: words, strength: Math.min(1, 0.4 + (growth - 1) / 3) })]
  }
  return growth < 1.2 ? [made(record, 'memory-steady', { summary: words, strength: 0.8 })] : []
}

/** The first quarter is start-up: caches fill and code is compiled, which looks like a leak. */
function settled(record: ProcessRecord): readonly { readonly at: EpochMs; readonly bytes: number }[] {
  return record.memory.slice(Math.floor(record.memory.length / 4))
}

function risingShare(samples: readonly { readonly bytes: number }[]): number {
  const steps = samples
    .slice(1)
    .map((sample, index) => sample.bytes - (samples[index]?.bytes ?? sample.bytes))
  return steps.filter((step) => step > 0).length / Math.max(1, steps.length)
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`
}

function made(
  record: ProcessRecord,
  kind: FindingKind,
  details: { summary: string; strength: number },
): Finding {
  const observedAt = kind.startsWith('process') ? record.exitedAt : (record.memory.at(-1)?.at ?? null)
  const when = kind.startsWith('process') && observedAt !== null ? ` at ${toIso(observedAt)}` : ''
  return {
    kind,
    summary: `${details.summary}${when}`,
    observedAt,
    source: 'process',
    subject: {},
    strength: details.strength,
    evidence: record.command.join(' '),
  }
}
