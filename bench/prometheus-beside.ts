import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, openSync, readSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../src/lab/platform/free-port.ts'

/** What Prometheus and Alertmanager said, in epoch milliseconds; null: not yet. */
export type PrometheusAlerts = ReadonlyMap<
  string,
  { readonly firingAt: number; readonly toldAt: number | null }
>
export type PrometheusBeside = {
  /** Alerts that fire now. */
  readonly alerts: () => Promise<PrometheusAlerts>
  readonly stop: () => void
}

/** The rules that people run: the user's own (over 1 %), with and without `for`, and the SRE workbook's fast page. */
const RULES = `groups:
- name: requests
  rules:
  - alert: over 1 % for 5 min
    expr: sum(rate(shop_failed_total[5m])) / sum(rate(shop_requests_total[5m])) > 0.01
    for: 5m
  - alert: over 1 %, no for
    expr: sum(rate(shop_failed_total[5m])) / sum(rate(shop_requests_total[5m])) > 0.01
  - alert: fast page at 99.9 %
    expr: >
      sum(rate(shop_failed_total[1h])) / sum(rate(shop_requests_total[1h])) > 14.4 * 0.001
      and sum(rate(shop_failed_total[5m])) / sum(rate(shop_requests_total[5m])) > 14.4 * 0.001
`

/** Counts the lines of the balancer's access log, as mtail or a HAProxy exporter would. */
function exporter(log: string): { readonly read: () => string } {
  const file = openSync(log, 'r')
  const chunk = Buffer.alloc(1 << 20)
  let [at, requests, failed, rest] = [0, 0, 0, '']
  return {
    read() {
      for (;;) {
        const size = readSync(file, chunk, 0, chunk.length, at)
        if (size === 0) break
        at += size
        const lines = (rest + chunk.toString('latin1', 0, size)).split('\n')
        rest = lines.pop() ?? ''
        requests += lines.length
        failed += lines.filter((line) => / (?:5\d\d|-1) \d+ - - /.test(line)).length
      }
      return `shop_requests_total ${requests}\nshop_failed_total ${failed}\n`
    },
  }
}

async function listen(
  handle: (url: string, body: string) => string,
): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => response.end(handle(request.url ?? '', body)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}

type Sent = {
  readonly alerts: readonly { readonly status: string; readonly labels: { alertname: string } }[]
}

/** Prometheus with 15 s scrapes and Alertmanager with its defaults (but for `group_wait: 0s`), of Debian's packages. */
export async function startPrometheus(folder: string, log: string): Promise<PrometheusBeside> {
  const told = new Map<string, number>()
  const counts = exporter(log)
  const own = await listen((url, body) => {
    if (url === '/metrics') return counts.read()
    for (const { status, labels } of (JSON.parse(body) as Sent).alerts)
      if (status === 'firing' && !told.has(labels.alertname)) told.set(labels.alertname, Date.now())
    return ''
  })
  const [port, alertPort] = [await freePort(), await freePort()]
  mkdirSync(folder, { recursive: true })
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  file('rules.yml', RULES)
  const config = file(
    'prometheus.yml',
    `global: { scrape_interval: 15s, evaluation_interval: 15s }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertPort}'] }] }] }
scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['127.0.0.1:${own.port}'] }] }]
`,
  )
  const alertConfig = file(
    'alertmanager.yml',
    `route: { receiver: bench, group_by: [alertname], group_wait: 0s }
receivers: [{ name: bench, webhook_configs: [{ url: 'http://127.0.0.1:${own.port}/told' }] }]
`,
  )
  const children: ChildProcess[] = [
    spawn('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ]),
    spawn('prometheus-alertmanager', [
      `--config.file=${alertConfig}`,
      `--storage.path=${join(folder, 'alerts')}`,
      `--web.listen-address=127.0.0.1:${alertPort}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ]),
  ]
  return {
    async alerts() {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`)
      const { data } = (await response.json()) as {
        data: { alerts: { state: string; activeAt: string; labels: { alertname: string } }[] }
      }
      const firing = data.alerts.filter(({ state }) => state === 'firing')
      return new Map(
        firing.map(({ labels }) => [
          labels.alertname,
          { firingAt: Date.now(), toldAt: told.get(labels.alertname) ?? null },
        ]),
      )
    },
    stop() {
      for (const child of children) child.kill()
      own.close()
    },
  }
}
