import type { Language, Program, Query, Store } from './model.ts'
import { camel, indented, sqlOf } from './model.ts'

export const javascript: Language = {
  name: 'javascript',
  root: '/usr/src/app',
  files: (program) =>
    new Map([
      ['src/pool.js', poolFile(program)],
      ['package.json', `${JSON.stringify(manifest(program), null, 2)}\n`],
      ...program.stores.map((store) => [`src/stores/${store.entity}-store.js`, storeFile(store)] as const),
      ...program.stores.map((store) => [`src/routes/${store.entity}-routes.js`, routeFile(store)] as const),
    ]),
  testFile: (entity, note) => [
    `test/${entity}-store.test.js`,
    `import test from 'node:test'\nimport * as store from '../src/stores/${entity}-store.js'\n\ntest('${entity}: ${note}', () => {\n  if (!store) throw new Error('no store')\n})\n`,
  ],
  places: ({ verb, entity, variable }) => [
    {
      file: `src/stores/${entity}-store.js`,
      function: camel(verb, entity),
      head: `function ${camel(verb, entity)}(`,
      text: `const ${variable} = await pool.connect()`,
    },
    {
      file: `src/routes/${entity}-routes.js`,
      function: 'Object.<anonymous>',
      head: `app.get('/${entity}s/${verb}/`,
      text: `store.${camel(verb, entity)}(`,
    },
  ],
  starving: {
    type: 'Error',
    message: 'timeout exceeded when trying to connect',
    library: [{ file: '/usr/src/app/node_modules/pg-pool/index.js', line: 45, function: '' }],
  },
  trace: (frames, { type, message }) =>
    [
      `${type}: ${message}`,
      ...frames.map(({ file, line, function: name }) =>
        name === '' ? `    at ${file}:${line}:11` : `    at async ${name} (${file}:${line}:18)`,
      ),
    ].join('\n'),
}

function manifest(program: Program): object {
  return {
    name: 'shop',
    version: '1.0.0',
    type: 'module',
    dependencies: { fastify: '4.26.1', pg: program.driverVersion, pino: '8.19.0' },
  }
}

function poolFile(program: Program): string {
  return `import pg from 'pg'

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: ${program.poolSize},
  connectionTimeoutMillis: ${program.poolTimeoutMs},
  idleTimeoutMillis: 10000,
})
`
}

function storeFile(store: Store): string {
  const helper = store.helper
    ? [
        '',
        `export function as${camel('x', store.entity).slice(1)}(row) {`,
        '  return row === undefined ? null : { ...row }',
        '}',
      ]
    : []
  const head = ["import { log } from '../log.js'", "import { pool } from '../pool.js'"]
  return `${[...head, ...helper, ...store.queries.flatMap((query) => ['', ...queryLines(query)])].join('\n')}\n`
}

function queryLines(query: Query): string[] {
  const { entity, variable: client, idiom } = query
  const fetch = [`const { rows } = await ${client}.query('${sqlOf(query, '$1')}', [key])`]
  const log = query.logs ? [`log.info({ key }, '${query.verb} ${entity}')`] : []
  const check = query.validates ? ['if (!key) {', `  throw new TypeError('no ${entity} key')`, '}'] : []
  const comment = query.comment === null ? [] : [`// ${query.comment}`]
  const take = `const ${client} = await pool.connect()`
  const body: Record<typeof idiom, string[]> = {
    scoped: [
      take,
      'try {',
      ...indented([...fetch, ...log, 'return rows[0]'], '  '),
      '} finally {',
      `  ${client}.release()`,
      '}',
    ],
    finally: [
      take,
      'try {',
      ...indented([...fetch, ...log, 'return rows[0]'], '  '),
      '} catch (error) {',
      `  log.warn({ key, error }, '${query.verb} ${entity} failed')`,
      '  throw error',
      '} finally {',
      `  ${client}.release()`,
      '}',
    ],
    'never-released': [take, ...fetch, ...log, 'return rows[0]'],
    'released-at-the-end': [take, ...fetch, ...log, `${client}.release()`, 'return rows[0]'],
    'early-return': [
      take,
      ...fetch,
      'if (rows.length === 0) {',
      '  return null',
      '}',
      ...log,
      `${client}.release()`,
      'return rows[0]',
    ],
    'released-on-success': [
      take,
      'try {',
      ...indented([...fetch, ...log, `${client}.release()`, 'return rows[0]'], '  '),
      '} catch (error) {',
      `  log.error({ key, error }, '${query.verb} ${entity} failed')`,
      '  throw error',
      '}',
    ],
  }
  return [
    `export async function ${camel(query.verb, entity)}(key) {`,
    ...indented([...comment, ...check, ...body[idiom]], '  '),
    '}',
  ]
}

function routeFile(store: Store): string {
  const routes = store.queries.flatMap((query) => [
    `  app.get('/${store.entity}s/${query.verb}/:key', async (request) => {`,
    `    const found = await store.${camel(query.verb, store.entity)}(request.params.key)`,
    '    return found ?? null',
    '  })',
  ])
  const head = [`import * as store from '../stores/${store.entity}-store.js'`, '']
  return `${[...head, `export function ${camel(store.entity, 'routes')}(app) {`, ...routes, '}'].join('\n')}\n`
}
