// node bench/lab-outage.ts [PORT]: a pool that leaks its database connections, with clients that give up and with clients
// that retry, ended by mending and by rolling back: how far it goes, and how long until everything is as before.
import { rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { lab, labDown, labFolder, labStatus, labUp, rowOf } from './own-lab.ts'
import type { Status } from './own-lab.ts'

const PORT = process.argv[2] ?? '4850'
const SETTLE_MS = 15_000
const LOOK_EVERY_MS = 2_000
const OUT_WITHIN_S = 60
const NORMAL_WITHIN_S = 60

type Row = readonly [moment: string, figures: Readonly<Record<string, string>>]

const isOut = ({ errorRate, dbConnections: { used, limit } }: Status): boolean =>
  errorRate > 0.45 && used / limit > 0.95
const isNormal = ({ errorRate, p95Ms, dbConnections }: Status): boolean =>
  errorRate < 0.01 && p95Ms < 500 && dbConnections.used < 50

/** Looks until it is so; the seconds that it took, or null when it did not come. */
async function until(
  holds: (status: Status) => boolean,
  { folder, rows, name, withinS, from }: Watch,
): Promise<number | null> {
  for (;;) {
    const status = await labStatus(folder)
    const seconds = (performance.now() - from) / 1000
    rows.push([`${name} + ${seconds.toFixed(0)} s`, rowOf(status)])
    if (holds(status)) return seconds
    if (seconds > withinS) return null
    await pause(LOOK_EVERY_MS)
  }
}

type Watch = {
  readonly folder: string
  readonly rows: Row[]
  readonly name: string
  readonly withinS: number
  readonly from: number
}

async function outage(folder: string, isImpatient: boolean, end: 'mend' | 'rollback'): Promise<string> {
  const child = await labUp(folder, ['--port', PORT, ...(isImpatient ? ['--impatient'] : [])])
  try {
    await pause(SETTLE_MS)
    const rows: Row[] = [['before', rowOf(await labStatus(folder))]]
    const from = performance.now()
    await lab(folder, 'break', 'connection-leak')
    const out = await until(isOut, { folder, rows, name: 'broken', withinS: OUT_WITHIN_S, from })
    await pause(SETTLE_MS)
    rows.push(['15 s later', rowOf(await labStatus(folder))])
    const endedFrom = performance.now()
    await lab(folder, end)
    const normal = await until(isNormal, {
      folder,
      rows,
      name: end,
      withinS: NORMAL_WITHIN_S,
      from: endedFrom,
    })
    console.table(Object.fromEntries(rows))
    const clients = isImpatient ? 'clients that retry' : 'clients that give up'
    const seconds = (value: number | null): string => (value === null ? 'never' : `${value.toFixed(0)} s`)
    return `${clients}, ${end}: out after ${seconds(out)}, normal after ${seconds(normal)}`
  } finally {
    await labDown(child)
  }
}

console.log(`load average before: ${loadavg()[0]?.toFixed(1)}`)
const folder = labFolder()
try {
  const summary: string[] = []
  for (const isImpatient of [false, true])
    for (const end of ['mend', 'rollback'] as const) summary.push(await outage(folder, isImpatient, end))
  console.log(summary.join('\n'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
