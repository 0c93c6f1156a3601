import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEdits } from './change-edits.ts'
import { takeBack } from './take-back.ts'
import { stopsReleasing } from './telling-edits.ts'

/** A function that holds a resource around its body, as one commit left it: released, or leaking. */
type Shape = {
  /** `use` is a line of the body that uses the resource. */
  readonly released: (body: readonly string[]) => string[]
  readonly leaking: (body: readonly string[]) => string[]
  readonly line: (words: string) => string
  readonly last: string
}

const indented = (unit: string, lines: readonly string[]): string[] => lines.map((line) => unit + line)

const shapes: Record<string, Shape> = {
  'Python with': {
    released: (body) => [
      'def find(user):',
      '    with pool.connection() as conn:',
      ...indented('        ', body),
    ],
    leaking: (body) => ['def find(user):', '    conn = pool.getconn()', ...indented('    ', body)],
    line: (words) => `conn.execute("${words}")`,
    last: 'return conn.fetchall()',
  },
  'Python try and finally': {
    released: (body) => [
      'async def find(user):',
      '    conn = await pool.acquire()',
      '    try:',
      ...indented('        ', body),
      '    finally:',
      '        await pool.release(conn)',
    ],
    leaking: (body) => [
      'async def find(user):',
      '    conn = await pool.acquire()',
      ...indented('    ', body),
    ],
    line: (words) => `conn.execute("${words}")`,
    last: 'return conn.fetchall()',
  },
  'JavaScript finally': {
    released: (body) => [
      'async function find(user) {',
      '  const conn = await pool.connect()',
      '  try {',
      ...indented('    ', body),
      '  } finally {',
      '    conn.release()',
      '  }',
      '}',
    ],
    leaking: (body) => [
      'async function find(user) {',
      '  const conn = await pool.connect()',
      ...indented('  ', body),
      '}',
    ],
    line: (words) => `await conn.query('${words}')`,
    last: 'return conn.rows',
  },
  'Java try with resources': {
    released: (body) => [
      '    List<Order> find(User user) throws SQLException {',
      '        try (Connection conn = source.getConnection()) {',
      ...indented('            ', body),
      '        }',
      '    }',
    ],
    leaking: (body) => [
      '    List<Order> find(User user) throws SQLException {',
      '        Connection conn = source.getConnection();',
      ...indented('        ', body),
      '    }',
    ],
    line: (words) => `conn.prepare("${words}");`,
    last: 'return map(conn);',
  },
  'Go defer': {
    released: (body) => [
      'func find(user string) error {',
      '\tconn, err := pool.Acquire(ctx)',
      '\tif err != nil {',
      '\t\treturn err',
      '\t}',
      '\tdefer conn.Release()',
      ...indented('\t', body),
      '}',
    ],
    leaking: (body) => [
      'func find(user string) error {',
      '\tconn, err := pool.Acquire(ctx)',
      '\tif err != nil {',
      '\t\treturn err',
      '\t}',
      ...indented('\t', body),
      '}',
    ],
    line: (words) => `conn.Exec("${words}")`,
    last: 'return conn.Err()',
  },
  'C# using block': {
    released: (body) => [
      '    public int Find(User user)',
      '    {',
      '        using (var conn = factory.Open())',
      '        {',
      ...indented('            ', body),
      '        }',
      '    }',
    ],
    leaking: (body) => [
      '    public int Find(User user)',
      '    {',
      '        var conn = factory.Open();',
      ...indented('        ', body),
      '    }',
    ],
    line: (words) => `conn.Execute("${words}");`,
    last: 'return conn.Count;',
  },
  'Ruby block': {
    released: (body) => [
      'def find(user)',
      '  pool.with do |conn|',
      ...indented('    ', body),
      '  end',
      'end',
    ],
    leaking: (body) => ['def find(user)', '  conn = pool.checkout', ...indented('  ', body), 'end'],
    line: (words) => `conn.exec("${words}")`,
    last: 'conn.rows',
  },
  'PHP finally': {
    released: (body) => [
      'function find($user) {',
      '    $conn = $pool->get();',
      '    try {',
      ...indented('        ', body),
      '    } finally {',
      '        $pool->release($conn);',
      '    }',
      '}',
    ],
    leaking: (body) => [
      'function find($user) {',
      '    $conn = $pool->get();',
      ...indented('    ', body),
      '}',
    ],
    line: (words) => `$conn->query("${words}");`,
    last: 'return $conn->rows();',
  },
}

type LaterEdit = { readonly kind: 'insert' | 'change' | 'remove'; readonly at: number; readonly word: string }

const word = fc.stringMatching(/^[a-z]{4,8}$/)
const laterEdit: fc.Arbitrary<LaterEdit> = fc.record({
  kind: fc.constantFrom('insert', 'change', 'remove'),
  at: fc.nat({ max: 20 }),
  word,
})

/** What a later commit does to the body; the last line stays. */
function edit(
  body: readonly string[],
  { kind, at, word }: LaterEdit,
  line: (words: string) => string,
): string[] {
  const index = at % (body.length - 1)
  if (kind === 'insert') return [...body.slice(0, index), line(`added ${word}`), ...body.slice(index)]
  if (kind === 'remove' && body.length > 4) return [...body.slice(0, index), ...body.slice(index + 1)]
  return body.map((each, i) => (i === index ? each.replace(/"$|'$|(["'])\)(;?)$/, ` ${word}$1)$2`) : each))
}

const bodies = fc.uniqueArray(fc.tuple(word, word, word), {
  minLength: 4,
  maxLength: 7,
  selector: (words) => words[0],
})

describe.each(Object.entries(shapes))('%s', (_name, shape) => {
  test.each([true, false])('comes back with later edits of its body kept; whole history: %s', (whole) => {
    fc.assert(
      fc.property(
        bodies,
        fc.array(laterEdit, { maxLength: 3 }),
        fc.array(word, { maxLength: 40 }),
        (words, later, prefix) => {
          const body = [...words.map((each) => shape.line(each.join(' '))), shape.last]
          const now = later.reduce<string[]>((lines, each) => edit(lines, each, shape.line), body)
          const before = ['head', '', ...shape.released(body), '', 'tail']
          const after = ['head', '', ...shape.leaking(body), '', 'tail']
          const top = prefix.map((each) => `// ${each}`)
          const changed = readEdits({ before, after, startsAt: 0, whole })
          const edits = changed.edits.filter((each) => stopsReleasing(changed, each))
          const result = takeBack([...top, 'head', '', ...shape.leaking(now), '', 'tail'], changed, edits)
          expect(result).toEqual([...top, 'head', '', ...shape.released(now), '', 'tail'])
        },
      ),
      { numRuns: 150 },
    )
  })
})

test('says so when the lines of the culprit are gone', () => {
  const changed = readEdits({ before: ['a = load(x)'], after: ['a = loads(x)'], startsAt: 0, whole: false })
  expect(takeBack(['something', 'else entirely'], changed, changed.edits)).toBeNull()
})

test('leaves alone what a later commit already put back', () => {
  const before = ['f = open(p)', 'use(f)', 'f.close()', 'done()']
  const after = ['f = open(p)', 'use(f)', 'done()']
  const changed = readEdits({ before, after, startsAt: 0, whole: true })
  expect(takeBack(before, changed, changed.edits)).toEqual(before)
})
