import type { Language, Program, Query, Store } from './model.ts'
import { indented, sqlOf } from './model.ts'

export const python: Language = {
  name: 'python',
  root: '/srv/app',
  files: (program) =>
    new Map([
      ['shop/pool.py', poolFile(program)],
      [
        'requirements.txt',
        `flask==3.0.2\npsycopg[binary,pool]==${program.driverVersion}\nstructlog==24.1.0\n`,
      ],
      ...program.stores.map((store) => [`shop/stores/${store.entity}_store.py`, storeFile(store)] as const),
      ...program.stores.map((store) => [`shop/views/${store.entity}_views.py`, viewFile(store)] as const),
    ]),
  testFile: (entity, note) => [
    `tests/test_${entity}_store.py`,
    `from shop.stores import ${entity}_store\n\n\ndef test_${entity}_is_found(pool):\n    # ${note}\n    assert ${entity}_store is not None\n`,
  ],
  places: ({ verb, entity, idiom, variable }) => [
    {
      file: `shop/stores/${entity}_store.py`,
      function: `${verb}_${entity}`,
      head: `def ${verb}_${entity}(`,
      text: idiom === 'scoped' ? 'with pool.connection()' : `${variable} = pool.getconn()`,
    },
    {
      file: `shop/views/${entity}_views.py`,
      function: `${verb}_${entity}_view`,
      head: `def ${verb}_${entity}_view(`,
      text: `${entity}_store.${verb}_${entity}(`,
    },
  ],
  starving: {
    type: 'psycopg_pool.PoolTimeout',
    message: "couldn't get a connection after 5.00 sec",
    library: [
      {
        file: '/usr/local/lib/python3.12/site-packages/psycopg_pool/pool.py',
        line: 202,
        function: 'getconn',
      },
    ],
  },
  trace: (frames, { type, message }) =>
    [
      'Traceback (most recent call last):',
      '  File "/usr/local/lib/python3.12/site-packages/flask/app.py", line 1473, in wsgi_app',
      '    response = self.full_dispatch_request()',
      ...frames
        .toReversed()
        .map(({ file, line, function: name }) => `  File "${file}", line ${line}, in ${name}`),
      `${type}: ${message}`,
    ].join('\n'),
}

function poolFile(program: Program): string {
  return `"""One pool of connections for the process."""
import os

from psycopg_pool import ConnectionPool

POOL_SIZE = ${program.poolSize}
POOL_TIMEOUT_SECONDS = ${program.poolTimeoutMs / 1000}

pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=2,
    max_size=POOL_SIZE,
    timeout=POOL_TIMEOUT_SECONDS,
)
`
}

function storeFile(store: Store): string {
  const helper = store.helper
    ? ['', '', `def as_${store.entity}(row):`, '    return dict(row) if row is not None else None']
    : []
  const head = ['import structlog', '', 'from shop.pool import pool', '', 'log = structlog.get_logger()']
  return `${[...head, ...helper, ...store.queries.flatMap((query) => ['', '', ...queryLines(query)])].join('\n')}\n`
}

function queryLines(query: Query): string[] {
  const { entity, variable: conn, idiom } = query
  const fetch = [`row = ${conn}.execute(`, `    "${sqlOf(query, '%s')}",`, `    (key,),`, `).fetchone()`]
  const log = query.logs ? [`log.info("${query.verb} ${entity}", key=key)`] : []
  const check = query.validates ? ['if not key:', `    raise ValueError("no ${entity} key")`] : []
  const comment = query.comment === null ? [] : [`# ${query.comment}`]
  const take = `${conn} = pool.getconn()`
  const body: Record<typeof idiom, string[]> = {
    scoped: [`with pool.connection() as ${conn}:`, ...indented([...fetch, ...log, 'return row'], '    ')],
    finally: [
      take,
      'try:',
      ...indented([...fetch, ...log, 'return row'], '    '),
      'finally:',
      `    pool.putconn(${conn})`,
    ],
    'never-released': [take, ...fetch, ...log, 'return row'],
    'released-at-the-end': [take, ...fetch, ...log, `pool.putconn(${conn})`, 'return row'],
    'early-return': [
      take,
      ...fetch,
      'if row is None:',
      '    return None',
      ...log,
      `pool.putconn(${conn})`,
      'return row',
    ],
    'released-on-success': [
      take,
      'try:',
      ...indented([...fetch, ...log, `pool.putconn(${conn})`, 'return row'], '    '),
      'except Exception:',
      `    log.exception("${query.verb} ${entity} failed", key=key)`,
      '    raise',
    ],
  }
  return [`def ${query.verb}_${entity}(key):`, ...indented([...comment, ...check, ...body[idiom]], '    ')]
}

function viewFile(store: Store): string {
  const views = store.queries.flatMap((query) => [
    '',
    '',
    `@${store.entity}s.get("/${store.entity}s/${query.verb}/<key>")`,
    `def ${query.verb}_${store.entity}_view(key):`,
    `    found = ${store.entity}_store.${query.verb}_${store.entity}(key)`,
    '    return jsonify(found)',
  ])
  const head = [
    'from flask import Blueprint, jsonify',
    '',
    `from shop.stores import ${store.entity}_store`,
    '',
  ]
  return `${[...head, `${store.entity}s = Blueprint("${store.entity}s", __name__)`, ...views].join('\n')}\n`
}
