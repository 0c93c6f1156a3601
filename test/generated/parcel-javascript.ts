/** A small client library in JavaScript, as it stood when it worked. Regressions are edits of it. */
export const parcelJavascript: Readonly<Record<string, string>> = {
  'package.json': `{
  "name": "parcel-client",
  "type": "module",
  "dependencies": {
    "tiny-yaml": "^1.4.2",
    "undici": "^6.6.0"
  }
}
`,
  'README.md': '# Parcel client\n\nAsks the parcel service.\n',
  'src/options.js': `const DEFAULTS = {
  baseUrl: 'https://parcels.example',
  timeoutMs: 5000,
  headers: {},
  retries: 2,
}

export function normalizeOptions(given) {
  const options = { ...DEFAULTS, ...given }
  if (options.retries < 0) throw new RangeError('retries must not be negative')
  return options
}
`,
  'src/headers.js': `export function mergeHeaders(base, extra) {
  const merged = new Map()
  for (const [name, value] of Object.entries(base)) merged.set(name.toLowerCase(), value)
  for (const [name, value] of Object.entries(extra)) merged.set(name.toLowerCase(), value)
  return merged
}

export function acceptOf(headers) {
  return headers.get('accept') ?? 'application/json'
}
`,
  'src/query.js': `export function stringify(params) {
  return Object.keys(params)
    .map((key) => key + '=' + encodeURIComponent(params[key]))
    .join('&')
}

export function parse(text) {
  const params = {}
  for (const part of text.split('&')) {
    const [key, value] = part.split('=')
    params[key] = decodeURIComponent(value)
  }
  return params
}
`,
  'src/response.js': `import { HttpError } from './errors.js'

export async function readResponse(response) {
  const body = await response.json()
  if (response.status >= 400) throw new HttpError(response.status, { status: response.status, body })
  return { status: response.status, body, etag: response.headers.get('etag') }
}
`,
  'src/errors.js': `export class HttpError extends Error {
  constructor(status, response) {
    super('the service answered ' + status)
    this.response = response
  }
}

export class ValidationError extends Error {}
`,
  'src/client.js': `import * as query from './query.js'
import { mergeHeaders, acceptOf } from './headers.js'
import { normalizeOptions } from './options.js'
import { readResponse } from './response.js'
import { retry } from './retry.js'

export class Client {
  constructor(options, fetch) {
    this.options = normalizeOptions(options)
    this.fetch = fetch
  }

  async request(path, params = {}, extra = {}) {
    const headers = mergeHeaders(this.options.headers, extra)
    const url = this.options.baseUrl + path + '?' + query.stringify(params)
    const budget = this.options.timeoutMs.toFixed(0)
    const call = () => this.fetch(url, { accept: acceptOf(headers), budget })
    const response = await retry(call, this.options)
    return readResponse(response)
  }
}
`,
  'src/retry.js': `export async function retry(call, options) {
  const limit = options?.retries ?? 2
  for (let attempt = 0; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt >= limit || !isTemporary(error)) throw error
    }
  }
}

export function isTemporary(error) {
  return error.response.status >= 500
}
`,
  'src/paginate.js': `export async function* paginate(client, path) {
  let cursor = null
  do {
    const page = await client.request(path, { cursor })
    const { items, next } = page.body
    for (const item of items) yield item
    cursor = next
  } while (cursor)
}

export async function collect(client, path) {
  const all = []
  for await (const item of paginate(client, path)) all.push(item)
  return all
}
`,
  'src/cache.js': `export class Cache {
  constructor(limit = 100) {
    this.limit = limit
    this.entries = new Map()
  }

  get(key) {
    return this.entries.get(key)
  }

  set(key, value) {
    if (this.entries.size >= this.limit) this.evict()
    this.entries.set(key, value)
  }

  evict() {
    const [oldest] = this.entries.keys()
    this.entries.delete(oldest)
  }
}
`,
  'src/csv.js': `import { formatDate } from './dates.js'

export function parseCsv(text) {
  const [head, ...lines] = text.split('\\n')
  const names = head.split(',')
  return lines.map((line) => parseRow(names, line))
}

function parseRow(names, line) {
  const cells = line.split(',')
  const row = {}
  for (let index = 0; index < names.length; index++) {
    row[names[index]] = cells[index].trim()
  }
  return row
}

export function formatRow(parcel) {
  return [parcel.id, formatDate(parcel.sentAt, 'day'), parcel.state].join(',')
}
`,
  'src/dates.js': `const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY = /^(?<day>\\d{1,2}) (?<month>\\w{3}) (?<year>\\d{4})/

export function parseDate(text) {
  const { day, month, year } = DAY.exec(text).groups
  return new Date(Date.UTC(Number(year), MONTHS.indexOf(month), Number(day)))
}

export function formatDate(date, pattern) {
  const year = date.getUTCFullYear()
  const month = MONTHS[date.getUTCMonth()]
  return pattern === 'day' ? date.getUTCDate() + ' ' + month + ' ' + year : month + ' ' + year
}
`,
  'src/tariffs.js': `export const TARIFFS = {
  letter: { base: 120, perKilo: 0 },
  small: { base: 450, perKilo: 90 },
  large: { base: 900, perKilo: 140 },
}
`,
  'src/price.js': `import { TARIFFS } from './tariffs.js'

export function priceOf(parcel) {
  const tariff = TARIFFS[parcel.size]
  return tariff.base + tariff.perKilo * parcel.kilos
}

export function totalOf(parcels) {
  return parcels.reduce((sum, parcel) => sum + priceOf(parcel), 0)
}
`,
  'src/validate.js': `import { ValidationError } from './errors.js'

const RULES = {
  integer: (value) => /^\\d+$/.test(String(value)),
  text: (value) => typeof value === 'string',
}

export function check(schema, value) {
  for (const [name, rule] of Object.entries(schema)) {
    if (!RULES[rule](value[name])) {
      throw new ValidationError('expected ' + rule + ' for ' + name)
    }
  }
  return value
}
`,
  'src/events.js': `export class Emitter {
  constructor() {
    this.handlers = new Map()
  }

  on(name, handler) {
    const all = this.handlers.get(name) ?? []
    this.handlers.set(name, [...all, handler])
  }

  listeners(name) {
    return this.handlers.get(name) ?? []
  }
}
`,
  'src/track.js': `import { Emitter } from './events.js'

export class Tracker extends Emitter {
  constructor(client) {
    super()
    this.client = client
  }

  async poll(id) {
    const { body } = await this.client.request('/parcels/' + id)
    for (const listener of this.listeners('state')) listener(body.state)
    return body
  }
}
`,
  'src/template.js': `const compiled = new Map()

export function compile(text) {
  if (!compiled.has(text)) {
    const parts = text.split('%')
    compiled.set(text, (values) => parts.map((part, at) => (at % 2 ? values[part] : part)).join(''))
  }
  return compiled.get(text)
}

export function labelOf(parcel) {
  const render = compile('%id% (%state%)')
  return render(parcel)
}
`,
  'src/settings.js': `import yaml from 'tiny-yaml'

export function readSettings(text) {
  const document = yaml.parse(text)
  return { baseUrl: document.service.url, retries: document.service.retries }
}
`,
  'test/price.test.js': `import { priceOf } from '../src/price.js'

test('letters cost the same', () => expect(priceOf({ size: 'letter', kilos: 1 })).toBe(120))
`,
}
