import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { firebreak, incidentOf, temporaryFolder } from './firebreak.ts'

const START = Date.UTC(2026, 2, 2, 9)

/** An hour of a small service, a line every 10 s; from the 40th minute on its disk is full. */
function hour(from: number, minutes: number): string {
  const lines: string[] = []
  for (let at = from; at < from + minutes * 60_000; at += 10_000) {
    const stamp = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
    lines.push(`${stamp},123 INFO shop order ${at % 9973} stored`)
    if (at >= START + 40 * 60_000)
      lines.push(`${stamp},124 ERROR shop cannot store order ${at % 9973}: No space left on device`)
  }
  return `${lines.join('\n')}\n`
}

test('a folder of rotated logs, some compressed, reads as one log', async () => {
  const folder = temporaryFolder()
  const logs = join(folder, 'logs')
  mkdirSync(logs)
  writeFileSync(join(logs, 'shop.log.3.zst'), zstdCompressSync(hour(START, 20)))
  writeFileSync(join(logs, 'shop.log.2.gz'), gzipSync(hour(START + 20 * 60_000, 20)))
  writeFileSync(join(logs, 'shop.log.1'), hour(START + 40 * 60_000, 10))
  writeFileSync(join(logs, 'shop.log'), hour(START + 50 * 60_000, 10))
  const ended = await firebreak(['investigate', '--log', 'logs', '--out', 'out', '--json'], { cwd: folder })
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.startedAt).toBe('2026-03-02T09:40:00.124Z')
  expect(incident.factors[0]?.cause).toBe('disk-full')
  const stored = incident.fingerprints.find(({ template }) => template.includes('cannot store'))
  expect(stored).toMatchObject({ count: 120, severityText: 'ERROR', isNew: true })
})

/** As `eb logs --all` lays it out: a heading per file, each with the format of its own writer. */
const BUNDLE = `----------------------------------------
/var/log/web.stdout.log
----------------------------------------
Mar  2 09:00:01 ip-10-0-3-7 web[2411]: [2026-03-02 09:00:01,211] ERROR in application: Exception on / [GET]
Mar  2 09:00:01 ip-10-0-3-7 web[2411]: Traceback (most recent call last):
Mar  2 09:00:01 ip-10-0-3-7 web[2411]:   File "/var/app/venv/staging/lib/python3.11/site-packages/flask/app.py", line 2525, in wsgi_app
Mar  2 09:00:01 ip-10-0-3-7 web[2411]:     response = self.full_dispatch_request()
Mar  2 09:00:01 ip-10-0-3-7 web[2411]:   File "/var/app/current/application.py", line 24, in read_urls
Mar  2 09:00:01 ip-10-0-3-7 web[2411]:     urls = json.loads(urls_file)
Mar  2 09:00:01 ip-10-0-3-7 web[2411]: TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper


----------------------------------------
/var/log/nginx/access.log
----------------------------------------
10.0.3.7 - - [02/Mar/2026:09:00:01 +0000] "GET / HTTP/1.1" 500 265 "-" "Mozilla/5.0" "203.0.113.9"
10.0.3.7 - - [02/Mar/2026:09:00:02 +0000] "GET /health HTTP/1.1" 200 15 "-" "ELB-HealthChecker/2.0" "-"
10.0.3.8 - - [02/Mar/2026:09:00:04 +0000] "GET / HTTP/1.1" 500 265 "-" "Mozilla/5.0" "203.0.113.77"

----------------------------------------
/var/log/eb-engine.log
----------------------------------------
2026/03/02 08:58:11.000001 [INFO] Starting...
2026/03/02 08:59:40.120001 [INFO] Command app-deploy succeeded
`

test('an Elastic Beanstalk bundle on standard input: errors first, each with its own time and place', async () => {
  const folder = temporaryFolder()
  const ended = await firebreak(['fingerprint', '-', '--json'], { cwd: folder, stdin: BUNDLE })
  const { fingerprints, lines } = JSON.parse(ended.stdout) as {
    lines: number
    fingerprints: {
      severityText: string
      count: number
      template: string
      firstSeen: string
      exception: {
        chain: { type: string; frames: { file: string; line: number; inApp: boolean }[] }[]
      } | null
    }[]
  }
  expect(ended.code).toBe(0)
  expect(lines).toBe(BUNDLE.split('\n').length - 1)
  const [first] = fingerprints
  expect(first).toMatchObject({ severityText: 'ERROR', count: 1 })
  expect(first?.firstSeen).toMatch(/^2026-03-02T09:00:01/)
  expect(first?.exception?.chain[0]?.type).toBe('TypeError')
  expect(first?.exception?.chain[0]?.frames[0]).toMatchObject({ line: 24, inApp: true })
})

test('the same bundle, investigated from standard input, counts the requests of its access log', async () => {
  const folder = temporaryFolder()
  const ended = await firebreak(['investigate', '--log', '-', '--out', 'out', '--json'], {
    cwd: folder,
    stdin: BUNDLE,
  })
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.impact.routes).toMatchObject([{ route: 'GET /', requests: 2, failed: 2 }])
})
