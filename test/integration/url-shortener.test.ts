import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { PYTHON } from '../needs.ts'
import { CULPRIT_STEP, urlShortener } from '../programs/url-shortener.ts'
import { firebreak, freePort, incidentOf, leftRunning, temporaryFolder } from './firebreak.ts'

const STARTED = Date.UTC(2026, 2, 2, 9)

function makeRepository(folder: string) {
  const made = makeHistory(join(folder, 'shortener'), urlShortener, STARTED)
  const [good, bad] = [made.shas[2] ?? '', made.shas.at(-1) ?? '']
  return { ...made, good, bad, culprit: made.shas[CULPRIT_STEP] ?? '' }
}

function takesBackOnlyTheMethod(patch: string): void {
  const changed = patch.split('\n').filter((line) => /^[-+](?![-+])/.test(line))
  expect(changed.map((line) => line.replace(/\s+/g, ' ').trim())).toEqual([
    '- urls = json.loads(urls_file)',
    '+ urls = json.load(urls_file)',
  ])
}

test('the release that read JSON wrongly is found under later commits, and taken back alone', async () => {
  const folder = temporaryFolder()
  const { directory, culprit } = makeRepository(folder)
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const out = join(folder, 'out')
  const urls = ['/', '/docs', '/health'].flatMap((path) => ['--url', `${base}${path}`])
  const ended = await firebreak(
    ['run', ...urls, '--rate', '40/s', '--out', out, '--json', '--', PYTHON, 'application.py'],
    {
      cwd: directory,
      env: { PORT: String(port) },
    },
  )
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.factors[0]).toMatchObject({ cause: 'bad-release', commit: { sha: culprit } })
  const review = readFileSync(join(out, 'review.md'), 'utf8')
  expect(review).toContain('json.loads(urls_file)')
  expect(review).toContain('json.load(urls_file)')
  takesBackOnlyTheMethod(readFileSync(join(out, 'fix.patch'), 'utf8'))
  expect(incident.proof).toMatchObject({ proven: true, after: { failed: 0 } })
  expect(incident.proof?.before.failed).toBeGreaterThan(50)
  execFileSync('git', ['-C', directory, 'apply', '--check', join(out, 'fix.patch')])
  expect(leftRunning(directory)).toEqual([])
})

const at = (ms: number): string => new Date(ms).toISOString()

/** Werkzeug's lines as they stood in the log: fine, then 13 minutes of 500s with their tracebacks, then rolled back. */
function shortenerLog(from: number, downFrom: number, downUntil: number): string {
  const lines: string[] = []
  const stamp = (ms: number): string => {
    const [, day, month, year, time] = /(\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(ms).toUTCString()) ?? []
    return `${day}/${month}/${year} ${time}`
  }
  for (let now = from; now < downUntil + 600_000; now += 5000) {
    const isDown = now >= downFrom && now < downUntil
    if (isDown) {
      const text = `${at(now).slice(0, 19).replace('T', ' ')},012`
      lines.push(
        `[${text}] ERROR in app: Exception on / [GET]`,
        'Traceback (most recent call last):',
        '  File "/usr/lib/python3/dist-packages/flask/app.py", line 2525, in wsgi_app',
        '    response = self.full_dispatch_request()',
        '  File "/var/app/current/application.py", line 40, in home',
        '    return render_template_string(PAGE, count=len(read_urls()))',
        '  File "/var/app/current/application.py", line 24, in read_urls',
        '    urls = json.loads(urls_file)',
        '  File "/usr/lib/python3.11/json/__init__.py", line 339, in loads',
        "    raise TypeError(f'the JSON object must be str, bytes or bytearray, '",
        'TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper',
      )
    }
    lines.push(`10.0.3.7 - - [${stamp(now)}] "GET / HTTP/1.1" ${isDown ? 500 : 200} -`)
    lines.push(`10.0.3.7 - - [${stamp(now)}] "GET /health HTTP/1.1" 200 -`)
  }
  return `${lines.join('\n')}\n`
}

test('from files alone: the same commit, and 13 minutes held against 15 a year', async () => {
  const folder = temporaryFolder()
  const { directory, culprit, good, bad, times } = makeRepository(folder)
  const deployed = (times.at(-1) ?? 0) + 3_600_000
  const downFrom = deployed + 20_000
  writeFileSync(join(folder, 'web.log'), shortenerLog(deployed - 1_800_000, downFrom, downFrom + 780_000))
  const deploys = [
    { at: at(deployed - 86_400_000), version: 'v1', commit: good },
    { at: at(deployed), version: 'v2', commit: bad, previousCommit: good },
  ]
  writeFileSync(
    join(folder, 'deploys.jsonl'),
    deploys.map((deploy) => `${JSON.stringify(deploy)}\n`).join(''),
  )
  const out = join(folder, 'out')
  const ended = await firebreak(
    [
      'investigate',
      '--log',
      'web.log',
      '--repo',
      directory,
      '--deploys',
      'deploys.jsonl',
      '--sla',
      '15m/year',
      '--out',
      out,
      '--json',
    ],
    { cwd: folder },
  )
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.factors[0]).toMatchObject({ cause: 'bad-release', commit: { sha: culprit } })
  expect(incident.impact.routes.map(({ route }) => route)).toEqual(['GET /'])
  expect(incident.sla).toMatchObject({ allowedSeconds: 900, usedSeconds: 780 })
  expect(incident.sla?.share).toBeCloseTo(0.8667, 3)
  expect(incident.status).toBe('resolved')
  takesBackOnlyTheMethod(readFileSync(join(out, 'fix.patch'), 'utf8'))
  const review = readFileSync(join(out, 'review.md'), 'utf8')
  expect(review).toMatch(/13 min/)
  expect(review).toMatch(/87 %/)
})
