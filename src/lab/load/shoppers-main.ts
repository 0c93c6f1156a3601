import { appendFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createComplaints } from './complaints.ts'
import { createCrowd } from './crowd.ts'
import { HttpClient } from './http-client.ts'
import type { LoadClock } from './load-clock.ts'
import { LoadEngine } from './load-engine.ts'
import { createRandom } from './random.ts'
import { createSecondRecorder } from './second-recorder.ts'
import type { Complaint, ShopperSettings, ShoppersCommand, ShoppersReport } from './shoppers-protocol.ts'
import { toWireRequest } from './wire-request.ts'

// The shoppers' process: commands come on standard input, reports go to standard output (shoppers-protocol.ts).

/** Enough for a second at 4,000 requests a second without an answer; the rest waits in line, its latency growing. */
const MAX_SOCKETS = 4_000
const MAX_IN_FLIGHT = 100_000
const CLOSE_IDLE_EVERY_MS = 1_000

const clock: LoadClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

let engine: LoadEngine | null = null
const recorder = createSecondRecorder()

function report(what: ShoppersReport): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

function start(settings: ShopperSettings): LoadEngine {
  const target = new URL(settings.target)
  const random = createRandom(settings.seed)
  const port = Number(target.port || 80)
  const client = new HttpClient({
    host: target.hostname,
    port,
    maxSockets: MAX_SOCKETS,
    now: () => clock.now(),
  })
  setInterval(() => client.closeIdle(), CLOSE_IDLE_EVERY_MS)
  const started = new LoadEngine(
    {
      clock,
      random,
      recorder,
      crowd: createCrowd(random),
      complaints: createComplaints(random),
      send: ({ request, shopper }, onAnswer) =>
        client.send(toWireRequest(target.host, request, shopper), onAnswer),
      onSecond: report,
      onComplaint: (complaint) => void deliver(settings, complaint),
    },
    { timeoutMs: settings.timeoutMs, maxInFlight: MAX_IN_FLIGHT },
  )
  started.setProfile(settings.profile)
  started.setRate(settings.perSecond)
  return started
}

async function deliver({ reportsFile, reportsUrl }: ShopperSettings, complaint: Complaint): Promise<void> {
  report({ kind: 'complaint', ...complaint })
  const { at, ...rest } = complaint
  const body = JSON.stringify({ at: new Date(at).toISOString(), ...rest })
  const lost = (error: unknown): void => void process.stderr.write(`a complaint was lost: ${String(error)}\n`)
  if (reportsFile !== null) await appendFile(reportsFile, `${body}\n`).catch(lost)
  if (reportsUrl === null) return
  const headers = { 'content-type': 'application/json' }
  await fetch(reportsUrl, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) }).catch(lost)
}

async function obey(command: ShoppersCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      engine ??= start(command.settings)
      return
    case 'rate':
      engine?.setRate(command.perSecond)
      return
    case 'profile':
      engine?.setProfile(command.profile)
      return
    case 'hammer':
      engine?.hammer(command.path, command.perSecond)
      return
    case 'stop':
      await engine?.stop()
      report({ kind: 'stopped', ...recorder.totals })
      process.exit(0)
  }
}

report({ kind: 'ready' })
for await (const line of createInterface({ input: process.stdin })) {
  void obey(JSON.parse(line) as ShoppersCommand) // written by shoppers-link.ts, nobody else has the pipe
}
process.exit(0) // whoever started us is gone
