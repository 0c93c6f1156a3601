import type { HistoryStep } from '../git-history.ts'

/**
 * A shop on PostgreSQL whose pool leaks on one route (`/coupon`, when the coupon is unknown) while the stack traces
 * show only innocent code (`/orders`, `/products`): whoever asks the pool next has to wait and gives up.
 */
const DATABASE = `import pg from 'pg'

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  connectionTimeoutMillis: 4000,
})
pool.on('error', (error) => console.error('idle client failed', error.message))
`

const COUPONS = `import { pool } from './database.js'

/** The discount of a coupon in percent; null when there is no such coupon. */
export async function findCoupon(code) {
  const client = await pool.connect()
  try {
    const { rows } = await client.query('SELECT percent FROM coupons WHERE code = $1', [code])
    return rows[0]?.percent ?? null
  } finally {
    client.release()
  }
}
`

const ORDERS = `import { pool } from './database.js'

export async function listOrders(limit) {
  const client = await pool.connect()
  try {
    const { rows } = await client.query('SELECT id, total FROM orders ORDER BY id LIMIT $1', [limit])
    return rows
  } finally {
    client.release()
  }
}
`

const SERVER = `import { createServer } from 'node:http'
import { findCoupon } from './coupons.js'
import { listOrders } from './orders.js'

async function answer(request, response) {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname === '/health') return send(response, 200, { status: 'ok' })
  if (url.pathname === '/orders') return send(response, 200, await listOrders(20))
  if (url.pathname === '/coupon') {
    const percent = await findCoupon(url.searchParams.get('code') ?? '')
    return percent === null ? send(response, 404, { error: 'no such coupon' }) : send(response, 200, { percent })
  }
  return send(response, 404, { error: 'not found' })
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(new Date().toISOString(), 'ERROR', request.method, request.url, error.stack)
    send(response, 500, { error: 'internal error' })
  })
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log('listening'))
`

export const LEAK_STEP = 4

export const leakingShop: readonly HistoryStep[] = [
  {
    message: 'Shop: orders and coupons',
    files: {
      'package.json': '{ "name": "shop", "type": "module", "dependencies": { "pg": "8.23.1" } }\n',
      'src/database.js': DATABASE,
      'src/coupons.js': COUPONS,
      'src/orders.js': ORDERS,
      'src/server.js': SERVER,
      '.gitignore': 'node_modules/\n',
    },
    tag: 'v1',
  },
  {
    message: 'List orders newest first',
    edits: [['src/orders.js', 'ORDER BY id LIMIT', 'ORDER BY id DESC LIMIT']],
  },
  { message: 'Add a readme', files: { 'README.md': '# Shop\n' } },
  {
    message: 'Fail sooner when the database is busy',
    edits: [['src/database.js', 'connectionTimeoutMillis: 4000', 'connectionTimeoutMillis: 1000']],
  },
  {
    message: 'Say which coupon was not found',
    edits: [
      [
        'src/coupons.js',
        "  const client = await pool.connect()\n  try {\n    const { rows } = await client.query('SELECT percent FROM coupons WHERE code = $1', [code])\n    return rows[0]?.percent ?? null\n  } finally {\n    client.release()\n  }\n",
        "  const client = await pool.connect()\n  const { rows } = await client.query('SELECT percent FROM coupons WHERE code = $1', [code.trim().toUpperCase()])\n  if (rows.length === 0) {\n    console.log(`coupon ${code} was not found`)\n    return null\n  }\n  client.release()\n  return rows[0].percent\n",
      ],
    ],
  },
  {
    message: 'Show at most 50 orders',
    edits: [['src/server.js', 'await listOrders(20)', 'await listOrders(50)']],
  },
  {
    message: 'Log the port',
    edits: [
      [
        'src/server.js',
        "() => console.log('listening'))",
        "() => console.log('listening on', process.env.PORT))",
      ],
    ],
  },
  { message: 'Explain the database', files: { 'README.md': '# Shop\n\nSet DATABASE_URL.\n' }, tag: 'v2' },
]
