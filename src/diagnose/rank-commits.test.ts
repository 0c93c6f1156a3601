import { expect, test } from 'vitest'
import type { Change, SmallHistory } from '../../test/small-history.ts'
import { smallHistory } from '../../test/small-history.ts'
import { createGit } from '../git.ts'
import type { StackFrame } from '../telemetry/index.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import { findChangeRange } from './change-range.ts'
import { rankCommits } from './rank-commits.ts'
import type { Symptoms } from './symptoms.ts'

const git = createGit({ environment: process.env })

type Told = {
  readonly type?: string
  readonly message?: string
  /** Innermost first: path in the repository, a text of its line, the function. */
  readonly frames?: readonly (readonly [path: string, text: string, name: string])[]
  readonly library?: readonly StackFrame[]
} & Partial<Omit<Symptoms, 'exceptions'>>

async function rank(history: SmallHistory, told: Told): Promise<CommitCandidate[]> {
  const { repository } = history
  const own = (told.frames ?? []).map(([path, text, name]) => ({
    file: `/srv/app/${path}`,
    line: history.lineOf(path, text),
    function: name,
    inApp: true,
  }))
  const chain = [
    { type: told.type ?? 'Error', message: told.message ?? '', frames: [...(told.library ?? []), ...own] },
  ]
  const symptoms: Symptoms = {
    exceptions: told.type === undefined ? [] : [{ chain, count: 10, isNew: true }],
    messages: told.messages ?? [],
    findingKinds: told.findingKinds ?? [],
    onsetAt: told.onsetAt ?? null,
  }
  const deploy = {
    at: history.endedAt,
    service: null,
    version: null,
    commit: history.last,
    previousCommit: history.first,
  }
  const range = await findChangeRange({ git }, { repository, deploys: [deploy], onsetAt: null })
  if (range === null) throw new Error('expected a range')
  return rankCommits({ git }, { repository, range, symptoms })
}

type Steps = readonly (readonly [subject: string, change: Change])[]
type Row = { readonly name: string; readonly steps: Steps; readonly told: Told; readonly culprit: string }

const shortener = `import json
from flask import Flask, redirect

app = Flask(__name__)


def load_urls():
    with open("urls.json") as urls_file:
        return json.load(urls_file)


@app.route("/<code>")
def follow(code):
    return redirect(load_urls()[code])
`

const rows: readonly Row[] = [
  {
    name: 'a call that means something else, indented by a later commit',
    culprit: 'Version 2',
    steps: [
      ['Version 1', { 'application.py': shortener, 'README.md': '# Shortener\n' }],
      ['Say where it runs', { 'README.md': '# Shortener\n\nRuns on port 8000.\n' }],
      [
        'Version 2',
        {
          'application.py': [
            `        return json.load(urls_file)`,
            `        return json.loads(urls_file)\n\n\ndef known_codes():\n    return sorted(load_urls())`,
          ],
        },
      ],
      [
        'Count visits',
        {
          'application.py': [
            'def follow(code):\n',
            'def follow(code):\n    app.logger.info("visit %s", code)\n',
          ],
        },
      ],
      [
        'Survive a missing file',
        {
          'application.py': [
            `    with open("urls.json") as urls_file:\n        return json.loads(urls_file)`,
            `    try:\n        with open("urls.json") as urls_file:\n            return json.loads(urls_file)\n    except FileNotFoundError:\n        return {}`,
          ],
        },
      ],
    ],
    told: {
      type: 'TypeError',
      message: 'the JSON object must be str, bytes or bytearray, not TextIOWrapper',
      frames: [
        ['application.py', 'json.loads', 'load_urls'],
        ['application.py', 'redirect(load_urls', 'follow'],
      ],
      library: [{ file: '/usr/lib/python3.11/json/__init__.py', line: 339, function: 'loads', inApp: false }],
    },
  },
  {
    name: 'a callee that answers otherwise, while only its caller is in the trace',
    culprit: 'Return nothing for unknown customers',
    steps: [
      [
        'Start',
        {
          'src/customers.js': `export async function customerOf(order) {\n  const found = await db.one(order.customerId)\n  if (!found) throw new NotFound('customer')\n  return found\n}\n`,
          'src/mail.js': `import { customerOf } from './customers.js'\n\nexport async function confirm(order) {\n  const customer = await customerOf(order)\n  return send(customer.address, render(order))\n}\n`,
        },
      ],
      ['Greet by name', { 'src/mail.js': ['render(order))', 'render(order, { greet: true }))'] }],
      [
        'Return nothing for unknown customers',
        {
          'src/customers.js': [
            `  if (!found) throw new NotFound('customer')\n  return found`,
            '  return found ?? null',
          ],
        },
      ],
      ['Log orders', { 'src/orders.js': `export function logOrder(order) {\n  console.log(order.id)\n}\n` }],
    ],
    told: {
      type: 'TypeError',
      message: "Cannot read properties of null (reading 'address')",
      frames: [['src/mail.js', 'customer.address', 'confirm']],
    },
  },
  {
    name: 'a constant that the failing line uses',
    culprit: 'Accept longer codes',
    steps: [
      [
        'Start',
        {
          'src/codes.go': `package codes\n\nvar codePattern = regexp.MustCompile("^([a-z]+)-([0-9]+)$")\n\nfunc Parse(text string) (string, string) {\n\tparts := codePattern.FindStringSubmatch(text)\n\treturn parts[1], parts[2]\n}\n`,
          'src/server.go': 'package codes\n\nfunc Serve() {\n}\n',
        },
      ],
      ['Accept longer codes', { 'src/codes.go': ['"^([a-z]+)-([0-9]+)$"', '"^[a-z]+-([0-9]{4,})$"'] }],
      ['Serve on 8080', { 'src/server.go': 'package codes\n\nfunc Serve() {\n\tlisten(8080)\n}\n' }],
      [
        'Name the server',
        { 'src/server.go': 'package codes\n\nfunc Serve() {\n\tlisten("shop", 8080)\n}\n' },
      ],
    ],
    told: {
      type: 'runtime error',
      message: 'index out of range [2] with length 2',
      frames: [['src/codes.go', 'parts[1], parts[2]', 'Parse']],
    },
  },
  {
    name: 'an attribute that is no longer set',
    culprit: 'Tidy up the cart',
    steps: [
      [
        'Start',
        {
          'shop/cart.py': `class Cart:\n    def __init__(self, lines):\n        self.lines = lines\n        self.voucher = None\n\n    def total(self):\n        amount = sum(line.price for line in self.lines)\n        return amount - discount(self.voucher)\n`,
          'shop/tax.py': 'def tax(amount):\n    return amount * 0.19\n',
        },
      ],
      ['Round the tax', { 'shop/tax.py': 'def tax(amount):\n    return round(amount * 0.19, 2)\n' }],
      [
        'Tidy up the cart',
        {
          'shop/cart.py': [
            '        self.lines = lines\n        self.voucher = None',
            '        self.lines = list(lines)',
          ],
        },
      ],
      [
        'Explain the sum',
        { 'shop/cart.py': ['        amount = sum', '        # without tax\n        amount = sum'] },
      ],
    ],
    told: {
      type: 'AttributeError',
      message: "'Cart' object has no attribute 'voucher'",
      frames: [['shop/cart.py', 'discount(self.voucher)', 'total']],
    },
  },
  {
    name: 'an index that a migration dropped',
    culprit: 'Clean up the orders table',
    steps: [
      [
        'Start',
        {
          'db/migrations/001_orders.sql':
            'create table orders (id bigint, customer_id bigint);\ncreate index orders_customer on orders (customer_id);\n',
          'src/OrderStore.java':
            'class OrderStore {\n    List<Order> of(long customer) throws SQLException {\n        return query("select * from orders where customer_id = ?", customer);\n    }\n}\n',
        },
      ],
      [
        'Clean up the orders table',
        {
          'db/migrations/002_cleanup.sql':
            'alter table orders add column note text;\ndrop index orders_customer;\n',
        },
      ],
      [
        'Newest orders first',
        { 'src/OrderStore.java': ['customer_id = ?"', 'customer_id = ? order by id desc"'] },
      ],
      ['Index the notes', { 'db/migrations/003_notes.sql': 'create index orders_note on orders (note);\n' }],
    ],
    told: {
      type: 'org.postgresql.util.PSQLException',
      message: 'ERROR: canceling statement due to statement timeout',
      frames: [['src/OrderStore.java', 'query("select', 'of']],
      findingKinds: ['statement-timed-out'],
    },
  },
  {
    name: 'a setting that is asked for under another name',
    culprit: 'Name settings alike',
    steps: [
      [
        'Start',
        {
          'config.py':
            'import os\n\nPAYMENT_URL = os.environ["PAYMENT_URL"]\nMAIL_URL = os.environ["MAIL_URL"]\n',
          'pay.py':
            'from config import PAYMENT_URL\n\n\ndef pay(order):\n    return post(PAYMENT_URL, order)\n',
        },
      ],
      ['Pay in euros', { 'pay.py': ['order)\n', 'order, currency="EUR")\n'] }],
      [
        'Name settings alike',
        { 'config.py': ['os.environ["PAYMENT_URL"]', 'os.environ["SHOP_PAYMENT_URL"]'] },
      ],
      ['Name the mail host', { 'config.py': ['MAIL_URL =', 'MAIL_HOST = MAIL_URL ='] }],
    ],
    told: {
      type: 'KeyError',
      message: "'SHOP_PAYMENT_URL'",
      frames: [['config.py', 'PAYMENT_URL =', '<module>']],
    },
  },
  {
    name: 'a library that the trace ends in',
    culprit: 'Update libraries',
    steps: [
      [
        'Start',
        {
          'package.json':
            '{\n  "dependencies": {\n    "fast-json-patch": "3.1.0",\n    "fastify": "4.1.0"\n  }\n}\n',
          'src/patch.js': `import { applyPatch } from 'fast-json-patch'\n\nexport function patchOrder(order, patch) {\n  return applyPatch(order, patch).newDocument\n}\n`,
          'src/app.js': 'export const port = 80\n',
        },
      ],
      ['Listen elsewhere', { 'src/app.js': 'export const port = 8080\n' }],
      ['Update libraries', { 'package.json': ['"fast-json-patch": "3.1.0"', '"fast-json-patch": "4.0.0"'] }],
      ['Export the host', { 'src/app.js': 'export const port = 8080\nexport const host = "::"\n' }],
    ],
    told: {
      type: 'TypeError',
      message: 'operation.op.toUpperCase is not a function',
      frames: [['src/patch.js', 'applyPatch(order', 'patchOrder']],
      library: [
        {
          file: '/srv/app/node_modules/fast-json-patch/core.js',
          line: 12,
          function: 'applyOperation',
          inApp: false,
        },
      ],
    },
  },
  {
    name: 'the statement that a new error line came from',
    culprit: 'Check stock before shipping',
    steps: [
      [
        'Start',
        {
          'Shipping.cs':
            'public class Shipping\n{\n    public void Ship(Order order)\n    {\n        _carrier.Book(order);\n    }\n}\n',
          'Mail.cs': 'public class Mail\n{\n}\n',
        },
      ],
      [
        'Check stock before shipping',
        {
          'Shipping.cs': [
            '        _carrier',
            '        if (order.Lines.Any(l => l.Stock < 1))\n        {\n            _log.LogError("refusing to ship order {Id}: stock is gone", order.Id);\n            return;\n        }\n        _carrier',
          ],
        },
      ],
      [
        'Prepare mails',
        {
          'Mail.cs':
            'public class Mail\n{\n    public void Send(Order order) => _log.LogInformation("mail for order {Id}", order.Id);\n}\n',
        },
      ],
    ],
    told: {
      messages: [
        {
          template: 'refusing to ship order <*>: stock is gone',
          severityText: 'ERROR',
          isNew: true,
          count: 40,
        },
      ],
    },
  },
  {
    name: 'a promise that is no longer awaited, in a file that was renamed since',
    culprit: 'Read settings lazily',
    steps: [
      [
        'Start',
        {
          'lib/settings.ts': `export async function limits(path: string) {\n  const text = await readFile(path, 'utf8')\n  return JSON.parse(text).limits\n}\n`,
          'lib/app.ts': 'export const name = "shop"\n',
        },
      ],
      [
        'Read settings lazily',
        {
          'lib/settings.ts': [
            `const text = await readFile(path, 'utf8')`,
            `const text = readFile(path, 'utf8')`,
          ],
        },
      ],
      [
        'Move the settings',
        {
          'lib/settings.ts': null,
          'lib/configuration.ts': `export async function limits(path: string) {\n  const text = readFile(path, 'utf8')\n  return JSON.parse(text).limits\n}\n`,
        },
      ],
      ['Rename the shop', { 'lib/app.ts': 'export const name = "the shop"\n' }],
    ],
    told: {
      type: 'SyntaxError',
      message: '"[object Promise]" is not valid JSON',
      frames: [['lib/configuration.ts', 'JSON.parse(text)', 'limits']],
    },
  },
]

test.each(rows)('ranks first $name', async ({ steps, told, culprit }) => {
  using history = smallHistory(steps)
  const ranked = await rank(history, told)
  expect(ranked[0]?.subject).toBe(culprit)
  expect(ranked[0]?.sha).toBe(history.sha(culprit))
  expect(ranked[0]?.reasons.length).toBeGreaterThan(0)
})

test('shows the telling pair of lines first, without the other edits of the commit', async () => {
  const [row] = rows
  if (row === undefined) throw new Error('expected the shortener')
  using history = smallHistory(row.steps.slice(0, 4))
  const [first] = await rank(history, row.told)
  expect(first?.hunks[0]?.lines).toEqual([
    '-        return json.load(urls_file)',
    '+        return json.loads(urls_file)',
  ])
})

test('a commit of documentation is last, and says why', async () => {
  const [row] = rows
  if (row === undefined) throw new Error('expected the shortener')
  using history = smallHistory(row.steps)
  const ranked = await rank(history, row.told)
  expect(ranked.at(-1)?.subject).toBe('Say where it runs')
  expect(ranked.at(-1)?.reasons[0]?.summary).toContain('documentation')
})

test('probabilities leave room for causes that no commit explains', async () => {
  using history = smallHistory([
    ['Start', { 'a.py': 'def a():\n    return 1\n' }],
    ['Change a', { 'a.py': 'def a():\n    return 2\n' }],
    ['Add b', { 'b.py': 'def b():\n    return 1\n' }],
  ])
  const ranked = await rank(history, { type: 'OSError', message: '[Errno 28] No space left on device' })
  const sum = ranked.reduce((total, { probability }) => total + probability, 0)
  expect(sum).toBeLessThan(0.7)
  expect(ranked.every(({ probability }) => probability > 0)).toBe(true)
})
