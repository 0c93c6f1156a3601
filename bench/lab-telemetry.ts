// node bench/lab-telemetry.ts: what traces, metrics and logs cost an app per request, and what receiving them costs.
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { HttpClient } from '../src/lab/load/http-client.ts'
import { startProgram } from './child-line.ts'

const file = (name: string): string => new URL(name, import.meta.url).pathname
const RATE = Number(process.argv[2] ?? 300)
const WARM_UP_S = 5
const MEASURED_S = 15

type Usage = { readonly cpuMs: number; readonly megabytes: number }

function usage(pid: number | undefined): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // User and system time in ticks of 10 ms, resident pages of 4 kB: proc_pid_stat(5).
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    megabytes: (Number(fields[21]) * 4_096) / 1e6,
  }
}

/** Requests at even times, so that both ways of running do the same work. */
async function load(port: number, seconds: number): Promise<number> {
  const client = new HttpClient({ host: '127.0.0.1', port, maxSockets: 64, now: () => performance.now() })
  const request = {
    text: 'GET /products/17 HTTP/1.1\r\nhost: shop\r\nx-forwarded-for: 198.18.3.4\r\n\r\n',
    isIdempotent: true,
    keepsBody: false,
  }
  let answered = 0
  const beganAt = performance.now()
  for (let sent = 0; sent < RATE * seconds; sent += 1) {
    const waitMs = beganAt + (sent * 1000) / RATE - performance.now()
    if (waitMs > 0) await pause(waitMs)
    client.send(request, () => (answered += 1))
  }
  await pause(200)
  client.close()
  return answered
}

async function counts(port: number): Promise<Record<string, number>> {
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/counts' }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve(body))
    }).on('error', reject)
  })
  return JSON.parse(text) as Record<string, number>
}

async function measure(
  endpoint: string | null,
): Promise<{ readonly perRequestMs: number; readonly megabytes: number }> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint ?? '', OTEL_SERVICE_NAME: 'shop', INSTANCE: 'app-1' }
  const { child, port } = await startProgram(file('traced-app.ts'), { env })
  await load(port, WARM_UP_S)
  const before = usage(child.pid)
  const answered = await load(port, MEASURED_S)
  const after = usage(child.pid)
  child.stdin.end()
  return { perRequestMs: (after.cpuMs - before.cpuMs) / answered, megabytes: after.megabytes }
}

const sink = await startProgram(file('otlp-sink.ts'))
const off = await measure(null)
const on = await measure(`http://127.0.0.1:${sink.port}`)
await pause(1_500)
const received = await counts(sink.port)
sink.child.stdin.end()
const requests = RATE * (WARM_UP_S + MEASURED_S)
console.log(`\nOne app, ${RATE} requests/s, three queries each; the database answers at once:\n`)
console.table({
  'without telemetry': { 'CPU ms per request': off.perRequestMs.toFixed(3), MB: Math.round(off.megabytes) },
  'with telemetry': { 'CPU ms per request': on.perRequestMs.toFixed(3), MB: Math.round(on.megabytes) },
  difference: {
    'CPU ms per request': (on.perRequestMs - off.perRequestMs).toFixed(3),
    MB: Math.round(on.megabytes - off.megabytes),
  },
  'receiving it (sink)': { 'CPU ms per request': ((received['cpuMs'] ?? 0) / requests).toFixed(3) },
})
console.log(
  `received: ${received['spans']} spans, ${received['logs']} logs, ${received['points']} points of ${requests} requests`,
)
