import { expect, test } from 'vitest'
import { z } from 'zod'
import { issueInWords } from './issue-words.ts'

const rule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('threshold') }),
  z.strictObject({ kind: z.literal('latency') }),
])

const rows: readonly (readonly [string, z.ZodType, unknown, string])[] = [
  ['a missing text', z.string(), undefined, 'expected a text, found nothing'],
  ['a list for a map', z.record(z.string(), z.string()), ['a'], 'expected a map of keys, found a list'],
  ['a text for a number', z.number(), '44x0', 'expected a number, found a text'],
  ['a number for a text', z.string(), 12, 'expected a text, found 12'],
  ['no number', z.coerce.number(), 'x', 'expected a number, found something else'],
  ['too much', z.int().max(65_535), 70_000, 'expected at most 65535, found 70000'],
  ['not more than', z.number().positive(), -1, 'expected more than 0, found -1'],
  [
    'a short secret, which is not shown',
    z.string().min(16),
    'short',
    'expected at least 16 characters, found 5',
  ],
  ['an empty list', z.array(z.string()).min(1), [], 'expected a list of at least 1, found 0'],
  [
    'a word nearly hit',
    z.enum(['Sat', 'Sun']),
    'Sum',
    'expected one of Sat and Sun, found "Sum"; did you mean "Sun"?',
  ],
  [
    'a time',
    z.iso.datetime(),
    'tomorrow',
    'expected a time such as 2026-03-03T09:00:00Z, found another text',
  ],
  [
    'a kind nearly hit',
    rule,
    { kind: 'treshold' },
    'expected one of threshold and latency, found "treshold"; did you mean "threshold"?',
  ],
  ['no kind', rule, {}, 'expected one of threshold and latency, found nothing'],
  ['what a schema says itself', z.string({ error: 'expected a song' }), 1, 'expected a song'],
]

test.each(rows.map(([what, ...row]) => [what, row] as const))(
  'says what was expected and found: %s',
  (_what, [schema, given, said]) => {
    const read = schema.safeParse(given, { error: issueInWords })
    expect(read.error?.issues.map(({ message }) => message)).toEqual([said])
  },
)
