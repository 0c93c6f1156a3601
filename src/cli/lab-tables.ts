import type { FaultEntry, LabStatus } from '../lab/index.ts'

/** The lab at a glance, for a person. */
export function statusTable(status: LabStatus): string {
  if (status.state !== 'up') return `the lab is ${status.state}`
  const { dbConnections, release } = status
  const figures = [
    ['requests', `${status.requestsPerSecond.toFixed(1)}/s`],
    ['shoppers', shoppersInWords(status.load)],
    ['failed', `${(status.errorRate * 100).toFixed(2)} %`],
    ['latency', `p50 ${milliseconds(status.p50Ms)}, p95 ${milliseconds(status.p95Ms)}`],
    ['connections', `${dbConnections.used} of ${dbConnections.limit}`],
    ['processor', `${status.cpuCores.toFixed(2)} cores`],
    ['release', `${release.version} (${release.commit.slice(0, 7)})`],
  ]
  const instances = status.instances.map(({ name, version, state, weight }) => [
    name,
    state,
    version,
    `weight ${weight}`,
  ])
  const faults = status.faults.map(({ name, level, since }) => ['fault', name, level, `since ${since}`])
  return [figures, instances, faults]
    .filter((rows) => rows.length > 0)
    .map(aligned)
    .join('\n\n')
}

function shoppersInWords({ perSecond, clients }: LabStatus['load']): string {
  const retries = clients === 'impatient' ? ', who ask again at once, three times, when it fails' : ''
  return `${perSecond.toFixed(1)}/s${retries}`
}

/** The catalogue, by kind. */
export function faultTable(entries: readonly FaultEntry[]): string {
  const kinds = [...new Set(entries.map(({ kind }) => kind))]
  const blocks = kinds.map((kind) => {
    const rows = entries.filter((entry) => entry.kind === kind)
    return `${kind}\n${aligned(rows.map(({ name, where, summary }) => [`  ${name}`, where, summary]))}`
  })
  return `${blocks.join('\n\n')}\n\nfirebreak lab break NAME [--level ${levelsOf(entries)}] puts one in`
}

function levelsOf(entries: readonly FaultEntry[]): string {
  return [...new Set(entries.flatMap(({ levels }) => levels))].join('|')
}

function milliseconds(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(0)} ms`
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (sum, row) => row.map((cell, column) => Math.max(cell.length, sum[column] ?? 0)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
