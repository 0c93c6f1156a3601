import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { urlShortener } from '../programs/url-shortener.ts'
import { FIREBREAK } from './firebreak.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--disable-gpu',
]
const LONG = 'x'.repeat(400)

let browser: Browser
let folder: string
let page: string
let outside: string
/** What a hostile line managed to fetch: the server of `outside` heard of it. */
const heard: string[] = []
const listener = createServer((request, response) => {
  heard.push(request.url ?? '')
  response.end()
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-page-'))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  outside = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  page = pathToFileURL(join(makeReview(), 'review.html')).href
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })
})

afterAll(async () => {
  await browser?.close()
  await new Promise((resolve) => listener.close(resolve))
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** A release that breaks a page, logged by a program whose users write markup into their requests. */
function makeReview(): string {
  const { directory, shas, times } = makeHistory(join(folder, 'shop'), urlShortener, Date.UTC(2026, 2, 2, 9))
  const deployed = (times.at(-1) ?? 0) + 3_600_000
  const iso = (ms: number): string => new Date(ms).toISOString()
  const lines: string[] = []
  for (let now = deployed - 1_200_000; now < deployed + 900_000; now += 5000) {
    const isDown = now > deployed + 15_000 && now < deployed + 600_000
    const attack = `<script>document.title='pwned';fetch('${outside}/script')</script><img src="${outside}/image" onerror="document.title='pwned'"> ${LONG}`
    if (isDown)
      lines.push(
        `${iso(now)} ERROR Exception on / [GET] for ${attack}`,
        'Traceback (most recent call last):',
        '  File "/var/app/application.py", line 26, in read_urls',
        '    urls = json.loads(urls_file)',
        "TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper<script>document.title='pwned'</script>",
      )
    lines.push(`10.0.3.7 - - [${iso(now)}] "GET /${isDown ? '' : 'docs'} HTTP/1.1" ${isDown ? 500 : 302} -`)
  }
  const log = join(folder, 'web.log')
  const deploys = join(folder, 'deploys.jsonl')
  const releases = [
    { at: iso(deployed - 86_400_000), version: 'v1', commit: shas[2] },
    { at: iso(deployed), version: 'v2', commit: shas.at(-1), previousCommit: shas[2] },
  ]
  writeFileSync(log, `${lines.join('\n')}\n`)
  writeFileSync(deploys, releases.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const out = join(folder, 'out')
  const args = ['investigate', '--log', log, '--repo', directory, '--deploys', deploys, '--out', out]
  try {
    execFileSync(FIREBREAK, args, { cwd: folder, stdio: 'pipe' })
  } catch (error) {
    if ((error as { status?: number }).status !== 3) throw error // 3: an incident was found
  }
  return out
}

/** What the page says of itself; read in the page, where this project's types do not reach. */
type Seen = {
  readonly wide: number
  readonly tall: number
  readonly colours: readonly string[]
  readonly marks: string
}

const looks = [
  { name: 'light', width: 1280, colorScheme: 'light', media: 'screen' },
  { name: 'dark', width: 1280, colorScheme: 'dark', media: 'screen' },
  { name: 'narrow', width: 360, colorScheme: 'light', media: 'screen' },
  { name: 'narrow and dark', width: 360, colorScheme: 'dark', media: 'screen' },
  { name: 'printed', width: 794, colorScheme: 'dark', media: 'print' },
] as const

test.each(looks)('$name: it fits, asks nobody, and shows the chart with its marks', async (look) => {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.colorScheme,
  })
  const tab = await context.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  tab.on('request', (request) => asked.push(request.url()))
  tab.on('pageerror', (error) => complaints.push(error.message))
  await tab.emulateMedia({ media: look.media, colorScheme: look.colorScheme })
  await tab.goto(page)
  expect(asked).toEqual([page])
  expect(heard).toEqual([])
  expect(complaints).toEqual([])
  expect(await tab.title()).not.toBe('pwned')
  const { wide, tall, colours, marks } = await tab.evaluate<Seen>(`({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    tall: document.querySelector('svg.chart')?.getBoundingClientRect().height ?? 0,
    colours: [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color],
    marks: document.querySelector('svg.chart')?.textContent ?? '',
  })`)
  expect(wide).toBeLessThanOrEqual(0)
  expect(tall).toBeGreaterThan(80)
  expect(marks).toContain('v2')
  expect(marks).toMatch(/onset|first failure|began/i)
  const [background = 0, ink = 0] = colours.map(brightness)
  expect(Math.abs(background - ink)).toBeGreaterThan(120) // it can be read
  const isDark = look.colorScheme === 'dark' && look.media === 'screen'
  expect(background < 128).toBe(isDark)
  await context.close()
})

/** 0–255; nothing painted is the white of the canvas or of paper. */
function brightness(colour: string): number {
  const [red = 255, green = 255, blue = 255, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return alpha === 0 ? 255 : (red + green + blue) / 3
}

test('a log line with a script stays text', async () => {
  const tab = await browser.newPage()
  await tab.goto(page)
  const scripts = await tab.locator('script').count()
  const images = await tab.locator('img').count()
  const text = await tab.locator('body').textContent()
  expect({ scripts, images }).toEqual({ scripts: 0, images: 0 })
  expect(text).toContain('<script>')
  expect(readFileSync(new URL(page), 'utf8')).toContain('Content-Security-Policy')
  await tab.close()
})
