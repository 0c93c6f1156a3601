import { openSync, writeSync, closeSync } from 'node:fs'

/** A seeded generator (mulberry32): the same seed gives the same log. */
function createChance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Moment = { readonly at: number; readonly chance: (below: number) => number }

const PATHS = [
  '/',
  '/cart',
  '/checkout',
  '/api/orders/',
  '/api/users/',
  '/static/app.js',
  '/search?q=',
  '/health',
]
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148',
  'curl/8.5.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
]
const USERS = [
  'alice',
  'bob',
  'carol',
  'dave',
  'erin',
  'frank',
  'grace',
  'heidi',
  'ivan',
  'judy',
  'mallory',
  'niaj',
]
const MODULES = ['shop.cart', 'shop.orders', 'shop.payment', 'shop.mail']

const pad = (value: number, width = 2) => String(value).padStart(width, '0')

function hex(chance: Moment['chance'], length: number): string {
  let out = ''
  while (out.length < length) out += chance(16).toString(16)
  return out
}

function pick(chance: Moment['chance'], from: readonly string[]): string {
  return from[chance(from.length)] ?? ''
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function nginx({ at, chance }: Moment): string {
  const date = new Date(at)
  const stamp = `${pad(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`
  const path = pick(chance, PATHS)
  const target =
    path.endsWith('/') && path !== '/'
      ? path + chance(100_000)
      : path.endsWith('=')
        ? path + hex(chance, 5)
        : path
  const status = chance(100) < 2 ? 500 : 200
  return `10.${chance(256)}.${chance(256)}.${chance(256)} - - [${stamp}] "${chance(5) ? 'GET' : 'POST'} ${target} HTTP/1.1" ${status} ${chance(90_000)} "-" "${pick(chance, AGENTS)}" 0.${pad(chance(1000), 3)}\n`
}

function jsonLine({ at, chance }: Moment): string {
  const event = chance(5)
  const message = [
    'request completed',
    `order ${chance(99_999)} placed by ${pick(chance, USERS)}`,
    'cache miss',
    `payment authorised in ${chance(900)} ms`,
    `retrying upstream call to inventory, attempt ${chance(5)}`,
  ][event]
  return `${JSON.stringify({
    level: event === 4 ? 40 : 30,
    time: at,
    pid: 4000 + chance(8),
    hostname: `web-${chance(6)}`,
    reqId: hex(chance, 32),
    user: pick(chance, USERS),
    responseTime: chance(1000),
    msg: message,
  })}\n`
}

function syslog({ at, chance }: Moment): string {
  const date = new Date(at)
  const head = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} host${chance(20)}`
  return [
    `${head} sshd[${chance(30_000)}]: Accepted publickey for ${pick(chance, USERS)} from 10.0.${chance(256)}.${chance(256)} port ${chance(60_000)} ssh2: RSA SHA256:${hex(chance, 20)}\n`,
    `${head} CRON[${chance(30_000)}]: (root) CMD (/usr/lib/sysstat/debian-sa1 1 1)\n`,
    `${head} kernel: [${chance(90_000)}.${pad(chance(999_999), 6)}] eth0: link up, 1000 Mbps, full duplex\n`,
    `${head} systemd[1]: Started Session ${chance(9999)} of user ${pick(chance, USERS)}.\n`,
  ][chance(4)] as string
}

const PYTHON_FRAMES = ['checkout', 'load_cart', 'charge', 'save_order', 'send_mail']

function python({ at, chance }: Moment): string {
  const stamp = new Date(at).toISOString().replace('T', ' ').replace('.', ',').slice(0, 23)
  if (chance(12) > 0) {
    return `${stamp} INFO ${pick(chance, MODULES)} handled order ${chance(99_999)} for user ${chance(5000)} in ${chance(400)} ms\n`
  }
  let text = `${stamp} ERROR ${pick(chance, MODULES)} Exception on /checkout [POST]\nTraceback (most recent call last):\n`
  text +=
    '  File "/usr/lib/python3/dist-packages/flask/app.py", line 1473, in wsgi_app\n    response = self.full_dispatch_request()\n'
  const depth = 1 + chance(4)
  for (let at = 0; at < depth; at++) {
    const name = PYTHON_FRAMES[at] as string
    text += `  File "/app/shop/${name}.py", line ${20 + at}, in ${name}\n    ${name}(order_id)\n`
  }
  return `${text}${chance(2) ? `KeyError: 'sku-${chance(9999)}'` : `ValueError: order ${chance(9999)} has no lines`}\n`
}

function java({ at, chance }: Moment): string {
  const stamp = new Date(at).toISOString().replace('T', ' ').slice(0, 23)
  const thread = `[http-nio-8080-exec-${chance(40)}]`
  if (chance(15) > 0) {
    return `${stamp} INFO  ${thread} com.acme.shop.OrderService - Order ${chance(99_999)} shipped to customer ${hex(chance, 8)}-${hex(chance, 4)}-${hex(chance, 4)}-${hex(chance, 4)}-${hex(chance, 12)}\n`
  }
  let text = `${stamp} ERROR ${thread} com.acme.shop.OrderController - Request failed\njava.lang.IllegalStateException: cart ${chance(9999)} is closed\n`
  const depth = 2 + chance(3)
  for (let at = 0; at < depth; at++)
    text += `\tat com.acme.shop.Cart.step${'abcdef'[at]}(Cart.java:${40 + at})\n`
  for (let at = 0; at < 12; at++)
    text += `\tat org.springframework.web.Servlet.call${'abcdefghijklmn'[at]}(Servlet.java:${100 + at})\n`
  return text
}

const WRITERS = [nginx, nginx, jsonLine, syslog, python, java]

/** Writes a mixed log of about `bytes` bytes: nginx, JSON lines, syslog, Python and Java with their exceptions. */
export function writeMixedLog(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  const chance = createChance(20_260_303)
  let written = 0
  let at = Date.UTC(2026, 2, 3, 9)
  let batch: string[] = []
  let size = 0
  while (written + size < bytes) {
    at += chance(8)
    const line = (WRITERS[chance(WRITERS.length)] as (moment: Moment) => string)({ at, chance })
    batch.push(line)
    size += line.length
    if (size < 1_000_000) continue
    written += writeSync(file, batch.join(''))
    batch = []
    size = 0
  }
  writeSync(file, batch.join(''))
  closeSync(file)
}
