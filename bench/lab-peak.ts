// node bench/lab-peak.ts: how many requests a second the whole lab carries on this machine, with telemetry (sent to a
// counting receiver) and without, and what a request costs all its processes together. Brings up labs of its own.
import { rmSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { startProgram } from './child-line.ts'
import { lab, labDown, labFolder, labStatus, labUp } from './own-lab.ts'
import type { Status } from './own-lab.ts'

const RATES = (process.argv[2] ?? '167,300,450,600,800,1000,1300').split(',').map(Number)
const PORT = process.argv[3] ?? '4850'
/** `lab status` looks ten seconds back; two more until the new rate has settled. */
const STEP_MS = 12_000
const WARM_UP_MS = 20_000
const MOST_ERRORS = 0.01
const SLOWEST_P95_MS = 1_000

type Step = Status & { readonly rate: number; readonly carried: boolean }

const sinkFile = new URL('otlp-sink.ts', import.meta.url).pathname

async function climb(folder: string, endpoint: string | null): Promise<readonly Step[]> {
  const child = await labUp(folder, ['--port', PORT, ...(endpoint === null ? [] : ['--otlp', endpoint])])
  const steps: Step[] = []
  try {
    await pause(WARM_UP_MS)
    for (const rate of RATES) {
      await lab(folder, 'load', `${rate}/s`)
      await pause(STEP_MS)
      const status = await labStatus(folder)
      const isFast = status.p95Ms < SLOWEST_P95_MS && status.requestsPerSecond > 0.95 * rate
      steps.push({ ...status, rate, carried: isFast && status.errorRate < MOST_ERRORS })
      console.error(JSON.stringify({ telemetry: endpoint !== null, ...steps.at(-1), instances: undefined }))
      if (steps.at(-1)?.carried === false) break
    }
  } finally {
    await labDown(child)
  }
  return steps
}

function table(steps: readonly Step[]): Record<string, Record<string, string | number>> {
  return Object.fromEntries(
    steps.map((step) => [
      `${step.rate}/s`,
      {
        'requests/s': Math.round(step.requestsPerSecond),
        errors: `${(step.errorRate * 100).toFixed(2)} %`,
        'p50 ms': Math.round(step.p50Ms),
        'p95 ms': Math.round(step.p95Ms),
        cores: step.cpuCores.toFixed(2),
        'CPU ms per request': ((step.cpuCores * 1000) / step.requestsPerSecond).toFixed(2),
        carried: step.carried ? 'yes' : 'no',
      },
    ]),
  )
}

const folder = labFolder()
console.log(`${availableParallelism()} cores, load average before: ${loadavg()[0]?.toFixed(1)}`)
try {
  const without = await climb(folder, null)
  const sink = await startProgram(sinkFile)
  const withTelemetry = await climb(folder, `http://127.0.0.1:${sink.port}`)
  sink.child.stdin.end()
  console.log('\nWithout telemetry:\n')
  console.table(table(without))
  console.log('\nWith traces, metrics and logs of all processes (the receiver is not in the figures):\n')
  console.table(table(withTelemetry))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
