import type { Regression } from './regression.ts'

/** Realistic ways in which the library of `parcel-javascript.ts` stopped working. */
export const javascriptRegressions: readonly Regression[] = [
  {
    name: 'changed default',
    subject: 'Let callers bring their own headers',
    change: {
      'src/options.js': ['  headers: {},\n  retries: 2,', '  headers: null,\n  retries: 3,'],
    },
    later: [
      [
        'Send cookies along',
        { 'src/headers.js': ['  return merged\n', "  merged.delete('cookie2')\n  return merged\n"] },
      ],
    ],
    type: 'TypeError',
    message: 'Cannot convert undefined or null to object',
    frames: [
      ['src/headers.js', 'Object.entries(base)', 'mergeHeaders'],
      ['src/client.js', 'mergeHeaders(this.options', 'Client.request'],
      ['src/track.js', "this.client.request('/parcels/'", 'Tracker.poll'],
    ],
  },
  {
    name: 'renamed option',
    subject: 'Name options as the service does',
    change: { 'src/options.js': ['  timeoutMs: 5000,', '  requestTimeout: 5000,'] },
    later: [
      [
        'Ask for JSON by default',
        {
          'src/client.js': [
            '    const call = () =>',
            '    // The service speaks JSON only.\n    const call = () =>',
          ],
        },
      ],
      [
        'Refuse odd retries',
        {
          'src/options.js': [
            '  return options\n',
            "  if (!Number.isFinite(options.retries)) throw new RangeError('retries must be finite')\n  return options\n",
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot read properties of undefined (reading 'toFixed')",
    frames: [
      ['src/client.js', 'timeoutMs.toFixed', 'Client.request'],
      ['src/paginate.js', 'client.request(path', 'paginate'],
    ],
  },
  {
    name: 'lost await',
    subject: 'Walk through pages with less code',
    change: {
      'src/paginate.js': [
        '    const page = await client.request(path, { cursor })\n',
        '    const page = client.request(path, { cursor, limit: 50 })\n',
      ],
    },
    later: [
      [
        'Name what was read',
        {
          'src/paginate.js': [
            '    const { items, next } = page.body\n',
            '    const { body } = page\n    const { items, next } = body\n',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot destructure property 'items' of 'body' as it is undefined.",
    frames: [
      ['src/paginate.js', 'const { items, next }', 'paginate'],
      ['src/paginate.js', 'for await', 'collect'],
    ],
  },
  {
    name: 'changed return shape',
    subject: 'Return the tag of an answer with its data',
    change: {
      'src/response.js': [
        '  return { status: response.status, body, etag:',
        '  return { status: response.status, data: body, etag:',
      ],
    },
    later: [
      [
        'Keep the cursor apart',
        { 'src/paginate.js': ['    cursor = next\n', '    cursor = next ?? null\n'] },
      ],
    ],
    type: 'TypeError',
    message: "Cannot destructure property 'items' of 'page.body' as it is undefined.",
    frames: [
      ['src/paginate.js', 'const { items, next }', 'paginate'],
      ['src/paginate.js', 'for await', 'collect'],
    ],
  },
  {
    name: 'off by one',
    subject: 'Count cells from the names',
    change: {
      'src/csv.js': [
        '  for (let index = 0; index < names.length; index++) {',
        '  for (let index = 0; index <= names.length; index += 1) {',
      ],
    },
    later: [
      [
        'Drop quotes of cells',
        {
          'src/csv.js': [
            '    row[names[index]] = cells[index].trim()',
            "    row[names[index]] = cells[index].trim().replaceAll('\"', '')",
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot read properties of undefined (reading 'trim')",
    frames: [
      ['src/csv.js', 'cells[index].trim()', 'parseRow'],
      ['src/csv.js', 'lines.map(', 'parseCsv'],
    ],
  },
  {
    name: 'changed pattern',
    subject: 'Read days with a leading zero alone',
    change: { 'src/dates.js': ['(?<day>\\d{1,2}) (?<month>', '(?<day>\\d{2}) (?<month>'] },
    later: [
      ['Make dates at noon', { 'src/dates.js': ['Number(day)))', 'Number(day), 12))'] }],
      [
        'Short form of dates',
        {
          'src/dates.js': [
            "  return pattern === 'day' ?",
            "  if (pattern === 'year') return String(year)\n  return pattern === 'day' ?",
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot read properties of null (reading 'groups')",
    frames: [['src/dates.js', 'DAY.exec(text).groups', 'parseDate']],
  },
  {
    name: 'half a refactor',
    subject: 'Say what the cache holds',
    change: {
      'src/cache.js': [
        `    this.entries = new Map()
  }

  get(key) {
    return this.entries.get(key)
  }

  set(key, value) {
    if (this.entries.size >= this.limit) this.evict()
    this.entries.set(key, value)
  }`,
        `    this.answers = new Map()
  }

  get(key) {
    return this.answers.get(key)
  }

  set(key, value) {
    if (this.answers.size >= this.limit) this.evict()
    this.answers.set(key, value)
  }`,
      ],
    },
    later: [['Hold more answers', { 'src/cache.js': ['limit = 100', 'limit = 500'] }]],
    type: 'TypeError',
    message: "Cannot read properties of undefined (reading 'keys')",
    frames: [
      ['src/cache.js', 'this.entries.keys()', 'Cache.evict'],
      ['src/cache.js', 'this.evict()', 'Cache.set'],
    ],
  },
  {
    name: 'changed export',
    subject: 'Name the two directions of queries',
    change: { 'src/query.js': ['export function stringify(params)', 'export function toQuery(params)'] },
    later: [
      [
        'Leave empty parameters out',
        {
          'src/query.js': [
            '  return Object.keys(params)\n',
            '  return Object.keys(params)\n    .filter((key) => params[key] !== null)\n',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: 'query.stringify is not a function',
    frames: [
      ['src/client.js', 'query.stringify(params)', 'Client.request'],
      ['src/paginate.js', 'client.request(path', 'paginate'],
    ],
  },
  {
    name: 'changed error type',
    subject: 'Tell bad answers apart from failed requests',
    change: {
      'src/response.js': [
        'throw new HttpError(response.status, { status: response.status, body })',
        "throw new Error('bad answer ' + response.status)",
      ],
    },
    later: [
      [
        'Say when to try again',
        {
          'src/retry.js': [
            'export function isTemporary(error) {\n',
            '/** Later may be better. */\nexport function isTemporary(error) {\n',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot read properties of undefined (reading 'status')",
    frames: [
      ['src/retry.js', 'error.response.status', 'isTemporary'],
      ['src/retry.js', '!isTemporary(error)', 'retry'],
      ['src/client.js', 'await retry(call', 'Client.request'],
    ],
  },
  {
    name: 'stricter validation',
    subject: 'Take numbers for integers only',
    change: {
      'src/validate.js': [
        '  integer: (value) => /^\\d+$/.test(String(value)),',
        '  integer: (value) => Number.isInteger(value),',
      ],
    },
    later: [
      [
        'Collect the names of rules',
        {
          'src/validate.js': [
            'export function check(',
            'export const rules = Object.keys(RULES)\n\nexport function check(',
          ],
        },
      ],
    ],
    type: 'ValidationError',
    message: 'expected integer for limit',
    frames: [['src/validate.js', 'throw new ValidationError(', 'check']],
  },
  {
    name: 'bumped dependency',
    subject: 'Bump tiny-yaml from 1.4.2 to 2.0.0',
    change: { 'package.json': ['"tiny-yaml": "^1.4.2"', '"tiny-yaml": "^2.0.0"'] },
    later: [['Bump undici', { 'package.json': ['"undici": "^6.6.0"', '"undici": "^6.7.1"'] }]],
    type: 'TypeError',
    message: 'input.getReader is not a function',
    frames: [['src/settings.js', 'yaml.parse(text)', 'readSettings']],
    library: [['/srv/app/node_modules/tiny-yaml/dist/parse.js', 88, 'parse']],
  },
  {
    name: 'moved and changed',
    subject: 'Keep dates in a folder of their own',
    change: {
      'src/dates.js': null,
      'src/time/dates.js': `import { MONTHS } from './names.js'

const DAY = /^(?<day>\\d{1,2}) (?<month>\\w{3}) (?<year>\\d{4})/

export function parseDate(text) {
  const { day, month, year } = DAY.exec(text).groups
  return new Date(Date.UTC(Number(year), MONTHS.indexOf(month), Number(day)))
}

export function formatDate(date, pattern) {
  const year = date.getUTCFullYear()
  const month = MONTHS.short[date.getUTCMonth()]
  return pattern === 'day' ? date.getUTCDate() + ' ' + month + ' ' + year : month + ' ' + year
}
`,
      'src/time/names.js': `export const MONTHS = {
  short: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
`,
      'src/csv.js': ["'./dates.js'", "'./time/dates.js'"],
    },
    later: [
      [
        'Say what a date is',
        {
          'src/time/dates.js': [
            'export function parseDate',
            '/** Takes "2 mar 2026". */\nexport function parseDate',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: 'MONTHS.indexOf is not a function',
    frames: [['src/time/dates.js', 'MONTHS.indexOf(month)', 'parseDate']],
  },
  {
    name: 'data built elsewhere',
    subject: 'Call parcels by what the post calls them',
    change: {
      'src/tariffs.js': ['  large: { base: 900, perKilo: 140 },', '  bulky: { base: 950, perKilo: 140 },'],
    },
    later: [
      ['New prices', { 'src/tariffs.js': ['base: 450', 'base: 480'] }],
      [
        'Round prices',
        {
          'src/price.js': [
            '  return tariff.base + tariff.perKilo * parcel.kilos',
            '  return Math.round(tariff.base + tariff.perKilo * parcel.kilos)',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot read properties of undefined (reading 'base')",
    frames: [
      ['src/price.js', 'tariff.base +', 'priceOf'],
      ['src/price.js', 'sum + priceOf(parcel)', 'totalOf'],
    ],
  },
  {
    name: 'another shape of what is kept',
    subject: 'Handlers that are called once',
    change: {
      'src/events.js': [
        `  on(name, handler) {
    const all = this.handlers.get(name) ?? []
    this.handlers.set(name, [...all, handler])
  }`,
        `  on(name, handler, once = false) {
    const all = this.handlers.get(name) ?? []
    this.handlers.set(name, [...all, { handler, once }])
  }`,
      ],
    },
    later: [
      [
        'Track with a limit',
        { 'src/track.js': ['    return body\n', '    this.last = body.state\n    return body\n'] },
      ],
    ],
    type: 'TypeError',
    message: 'listener is not a function',
    frames: [['src/track.js', 'listener(body.state)', 'Tracker.poll']],
  },
  {
    name: 'swapped parameters',
    subject: 'Say the pattern first',
    change: {
      'src/dates.js': [
        'export function formatDate(date, pattern) {',
        'export function formatDate(pattern, date) {',
      ],
    },
    later: [['Print states in capitals', { 'src/csv.js': ['parcel.state]', 'parcel.state.toUpperCase()]'] }]],
    type: 'TypeError',
    message: 'date.getUTCFullYear is not a function',
    frames: [
      ['src/dates.js', 'date.getUTCFullYear()', 'formatDate'],
      ['src/csv.js', 'formatDate(parcel.sentAt', 'formatRow'],
    ],
  },
  {
    name: 'lost guard, indented since',
    subject: 'Tidy retrying',
    change: {
      'src/retry.js': ['  const limit = options?.retries ?? 2\n', '  const limit = options.retries\n'],
    },
    later: [
      [
        'Retry only where asked',
        {
          'src/retry.js': [
            '  const limit = options.retries\n',
            '  let limit = 0\n  if (call.length === 0) {\n    limit = options.retries\n  }\n',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "Cannot read properties of undefined (reading 'retries')",
    frames: [['src/retry.js', 'options.retries', 'retry']],
  },
  {
    name: 'another kind of value kept',
    subject: 'Keep compiled templates small',
    change: {
      'src/template.js': [
        "    compiled.set(text, (values) => parts.map((part, at) => (at % 2 ? values[part] : part)).join(''))",
        '    compiled.set(text, { parts, size: parts.length })',
      ],
    },
    later: [
      [
        'Labels end with a mark',
        { 'src/template.js': ["compile('%id% (%state%)')", "compile('%id% (%state%).')"] },
      ],
    ],
    type: 'TypeError',
    message: 'render is not a function',
    frames: [['src/template.js', 'render(parcel)', 'labelOf']],
  },
]
