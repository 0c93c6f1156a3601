import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incidentSchema } from '../contract/incident-json.ts'
import { buildReview } from './build-review.ts'
import { endedCase, hostileCase, inconclusiveCase, nothingCase } from './edge-fixture.ts'
import { inlineHtml } from './escape-html.ts'
import { flaskCase } from './flask-fixture.ts'
import { leakCase } from './leak-fixture.ts'
import type { ReviewInput } from './review.ts'
import { shortenerCase } from './shortener-fixture.ts'
import { toHtml } from './to-html.ts'
import { toIncidentJson } from './to-incident-json.ts'
import { inline, lineStart, toMarkdown } from './to-markdown.ts'
import { percent, quoted, sentence } from './wording.ts'

const cases: readonly (readonly [string, () => ReviewInput])[] = [
  ['flask', flaskCase],
  ['shortener', shortenerCase],
  ['leak', leakCase],
  ['inconclusive', inconclusiveCase],
  ['ended', endedCase],
  ['nothing', nothingCase],
  ['hostile', hostileCase],
]

const REQUIRED = [
  'Impact',
  'Timeline',
  'Detection',
  'Root cause',
  'Five whys',
  'Resolution',
  'Prevention',
  'Action items',
]

describe.each(cases)('the review of the %s case', (name, make) => {
  const review = buildReview(make())
  const markdown = toMarkdown(review)
  const html = toHtml(review)

  test('reads as reviewed', async () => {
    await expect(markdown).toMatchFileSnapshot(`testdata/${name}.md`)
  })

  test('has every heading that is promised, once', () => {
    const headings = markdown
      .split('\n')
      .filter((line) => line.startsWith('## '))
      .map((line) => line.slice(3))
    expect(headings).toEqual(expect.arrayContaining(REQUIRED))
    expect(new Set(headings).size).toBe(headings.length)
  })

  test('keeps to the schema of incident.json, also as text', () => {
    const json = toIncidentJson(review)
    expect(incidentSchema.strict().parse(JSON.parse(JSON.stringify(json)))).toEqual(json)
  })

  test('is a page that needs nothing from outside and runs nothing', () => {
    expect(html).not.toMatch(
      /<(script|img|link|iframe|object|embed)|<[a-z][^>]*\s(src|on\w+)=|@import|url\(/i,
    )
    expect([...html.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith('#'))).toBe(true)
  })

  test('closes every element that it opens', () => {
    expect(unbalanced(html)).toEqual([])
  })

  test('cites a finding for every why', () => {
    expect(review.fiveWhys.steps.every((step) => step.findings.length > 0)).toBe(true)
  })
})

describe('buildReview', () => {
  test('names the chance-based failure with figures that a check can read', () => {
    const json = toIncidentJson(buildReview(flaskCase()))
    expect(json).toMatchObject({
      severity: 'P1',
      incidentFound: true,
      status: 'open',
      proof: { proven: true, after: { requests: 200, failed: 0 } },
    })
    expect(json.impact.errorRate).toBeGreaterThan(0.35)
    expect(json.impact.errorRate).toBeLessThan(0.65)
    expect(json.impact.routes.map((route) => route.route)).toEqual(['GET /'])
  })

  test('reads document 3 as 780 of 900 seconds, 87 %', () => {
    const review = buildReview(shortenerCase())
    expect(toIncidentJson(review).sla).toEqual({
      objective: '15m/year',
      windowSeconds: 31_536_000,
      allowedSeconds: 900,
      usedSeconds: 780,
      share: 780 / 900,
    })
    expect(toMarkdown(review)).toContain('780 of 900 seconds, 87 %')
    expect(toMarkdown(review)).toContain('-        return json.load(f)\n+        return json.loads(f)')
  })

  test('chooses prevention for the cause: no two cases share their list', () => {
    const lists = [flaskCase, shortenerCase, leakCase].map((make) => buildReview(make()).prevention)
    expect(lists.every((list) => list.length >= 2)).toBe(true)
    expect(new Set(lists.map((list) => list[0])).size).toBe(lists.length)
  })

  test('says first that the program ended, and counts from that moment', () => {
    const review = buildReview(endedCase())
    expect(review.title).toBe('The program ended by itself (SIGABRT): out of memory')
    expect(review.impact).toMatchObject({ requests: 60, failed: 60 })
  })

  test('stops asking why where the evidence ends, and says whom to ask', () => {
    const { fiveWhys } = buildReview(inconclusiveCase())
    expect(fiveWhys.steps.length).toBeLessThan(2)
    expect(fiveWhys.askPeople.length).toBeGreaterThan(0)
  })

  test('marks nothing as new, and asks nobody for anything, where nothing was found', () => {
    const review = buildReview(nothingCase())
    expect(review).toMatchObject({
      title: 'No incident found',
      status: 'closed',
      actionItems: [],
      wentBadly: [],
    })
    expect(toIncidentJson(review)).toMatchObject({ incidentFound: false, startedAt: null, factors: [] })
  })
})

describe('text from a log', () => {
  test('is escaped in HTML whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const prose = inlineHtml(text).replaceAll(/<\/?code>/g, '')
        expect(prose).not.toMatch(/[<>"']/)
      }),
    )
  })

  test('holds no live mark in Markdown whatever it is', () => {
    const marks = fc.constantFrom(
      '<',
      '>',
      '[',
      ']',
      '(',
      '|',
      '`',
      '*',
      '_',
      '\\',
      'a',
      ' ',
      '\n',
      '~',
      '&',
      '#',
    )
    fc.assert(
      fc.property(fc.string({ unit: marks }), (text) => {
        // As a reader goes, from the left: an escaped character, or a whole code span.
        const prose = inline(text).replaceAll(/\\[\s\S]|`[^`]*`/g, 'x')
        expect(prose).not.toMatch(/[<>|`~\n]|\][([:]/)
      }),
    )
  })

  test('cannot become HTML', () => {
    const html = toHtml(buildReview(hostileCase()))
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<b>Bad')
    expect(html).not.toContain('\u202e')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  test('cannot become Markdown: no tag, no link, no broken table, no closed fence', () => {
    const markdown = toMarkdown(buildReview(hostileCase()))
    const prose = withoutCode(markdown)
    expect(prose).not.toMatch(/(?<!\\)<\w/)
    expect(prose).not.toMatch(/(?<!\\)\]\(/)
    const tables = markdown
      .trim()
      .split('\n\n')
      .filter((block) => block.startsWith('| '))
    expect(tables.length).toBeGreaterThan(3)
    for (const table of tables) expect(new Set(table.split('\n').map(cellsOf)).size).toBe(1)
    expect(prose).not.toContain('# heading')
    expect(markdown).not.toContain('\u202e')
  })

  test.each([
    ['choice([True, False])', 'choice([True, False])'],
    ['![a](b) [c]: d', String.raw`![a\](b) [c\]: d`],
    ['a <b> & c', String.raw`a \<b\> & c`],
    ['&lt;', String.raw`\&lt;`],
    ['use `x|y` here', 'use `x|y` here'],
    ['a stray ` tick', 'a stray \\` tick'],
    ['snake_case and _emphasis_', String.raw`snake_case and \_emphasis\_`],
    ['2 * 3 but *not*', String.raw`2 * 3 but \*not\*`],
    ['two\nlines', 'two lines'],
  ])('%j reads as itself', (text, expected) => {
    expect(inline(text)).toBe(expected)
  })
})

test.each([
  ['# no heading', String.raw`\# no heading`],
  ['1. no list', String.raw`1\. no list`],
  ['- no list', String.raw`\- no list`],
  ['> no quote', String.raw`\> no quote`],
])('a line that begins with %j reads as itself', (text, expected) => {
  expect(lineStart(text)).toBe(expected)
})

test.each([
  [1, '100 %'],
  [0.99999, 'over 99.9 %'],
  [0.498, '49.8 %'],
  [0.00001, 'under 0.1 %'],
  [0, '0 %'],
])('percent(%d) is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

test.each([
  ['roll back', 'Roll back.'],
  ['`home` raises', '`home` raises.'],
  ['app.py fails', 'app.py fails.'],
  ['Done!', 'Done!'],
  ['', ''],
])('sentence(%j) is %j', (text, expected) => {
  expect(sentence(text)).toBe(expected)
})

test('quoted text stays on one line and inside its backticks', () => {
  expect(quoted('a `b`\n c', 40)).toBe("`a 'b' c`")
  expect(quoted('x'.repeat(50), 10)).toBe(`\`${'x'.repeat(9)}…\``)
})

/** The Markdown without code blocks and code spans: what a renderer would act on. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '').replaceAll(/(?<!\\)`[^`\n]*`/g, '')
}

function cellsOf(row: string): number {
  return row.split(/(?<!\\)\|/).length
}

function unbalanced(html: string): readonly string[] {
  const open: string[] = []
  const isVoid = new Set(['meta', 'br', 'line', 'rect', '!doctype'])
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z!][a-z0-9]*)[^>]*>/gi)) {
    if (isVoid.has(name)) continue
    if (slash === '') open.push(name)
    else if (open.at(-1) === name) open.pop()
    else return [...open, `/${name}`]
  }
  return open
}
