import { LoadBalancer } from './balancer.ts'
import type { BalancerReport, BalancerSettings } from './balancer-protocol.ts'
import { endWithSupervisor } from './end-with-supervisor.ts'
import { loadRequestTraces } from './request-traces.ts'

// The load balancer as a process of its own. It is told over its parent's channel, and ends with it.
const { HOST = '127.0.0.1', PORT = '0' } = process.env
const tell = (report: BalancerReport): void => {
  if (process.connected) process.send?.(report)
}

// Lines are written together: a write for each would cost more than the request.
let lines: string[] = []
const flush = (): void => {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  lines = []
}
const traces = await loadRequestTraces()
const balancer = new LoadBalancer({
  now: Date.now,
  traces,
  writeLine: (line) => void lines.push(line),
  onBackends: (backends) => tell({ kind: 'backends', backends }),
})
await balancer.listen(HOST, Number(PORT))

process.on('message', (message: { id: number; settings: BalancerSettings }) => {
  balancer.configure(message.settings)
  process.send?.({ kind: 'answer', id: message.id, problem: null })
})
endWithSupervisor({
  env: process.env,
  leave() {
    flush()
    process.exit(0)
  },
})
setInterval(flush, 100)
setInterval(() => {
  tell({ kind: 'second', at: Date.now(), inFlight: balancer.inFlight, routes: balancer.takeSecond() })
  void balancer.checkHealth()
}, 1_000)
tell({ kind: 'ready' })
