// node bench/lab-normal.ts [SECONDS [PORT]]: an ordinary day of the lab at 10,000 requests a minute, with traces, metrics
// and logs sent to a counting receiver, from the moment that `lab up` returns. Cores are those of the whole machine
// (/proc/stat), so that nothing is left out: not the receiver, not the looks at the status either.
import { readFileSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { startProgram } from './child-line.ts'
import { labDown, labFolder, labStatus, labUp, rowOf } from './own-lab.ts'
import type { Status } from './own-lab.ts'

const SECONDS = Number(process.argv[2] ?? 180)
const PORT = process.argv[3] ?? '4850'
const EVERY_MS = 5_000

/** Seconds that the processors of this machine have worked: all of proc_stat(5) but idle, waiting and stolen. */
function busySeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.split(/ +/).map(Number) ?? []
  return (user + nice + system + irq + softirq) / 100
}

function worst(looks: readonly Status[], of: (status: Status) => number): number {
  return Math.max(...looks.map(of))
}

console.log(`load average before: ${loadavg()[0]?.toFixed(1)}`)
const folder = labFolder()
const sink = await startProgram(new URL('otlp-sink.ts', import.meta.url).pathname)
const child = await labUp(folder, ['--port', PORT, '--otlp', `http://127.0.0.1:${sink.port}`])
try {
  const looks: Status[] = []
  const [busyBefore, from] = [busySeconds(), performance.now()]
  while (performance.now() - from < SECONDS * 1000) {
    await pause(EVERY_MS)
    looks.push(await labStatus(folder))
  }
  const cores = (busySeconds() - busyBefore) / ((performance.now() - from) / 1000)
  const table = looks.map((status, at) => [`${((at + 1) * EVERY_MS) / 1000} s`, rowOf(status)])
  console.table(Object.fromEntries(table))
  const percent = (worst(looks, (look) => look.errorRate) * 100).toFixed(2)
  const connections = worst(looks, ({ dbConnections }) => dbConnections.used / dbConnections.limit)
  console.log(
    `at worst: ${percent} % errors, p95 ${worst(looks, (look) => look.p95Ms).toFixed(0)} ms, ${(connections * 100).toFixed(0)} % of the connections; the whole machine: ${cores.toFixed(2)} cores`,
  )
  console.log(`received: ${await (await fetch(`http://127.0.0.1:${sink.port}/counts`)).text()}`)
} finally {
  await labDown(child)
  sink.child.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}
