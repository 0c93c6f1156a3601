import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { LEAK_STEP, leakingShop } from '../programs/leaking-shop.ts'
import { startPostgresql } from './database-servers.ts'
import { firebreak, freePort, incidentOf, leftRunning, temporaryFolder } from './firebreak.ts'

const TABLES = `
  CREATE TABLE coupons (code text PRIMARY KEY, percent int);
  INSERT INTO coupons VALUES ('SPRING', 10);
  CREATE TABLE orders (id serial PRIMARY KEY, total int);
  INSERT INTO orders (total) SELECT n * 7 FROM generate_series(1, 500) AS n`

test('a leak that is felt by innocent code leads to the commit that stopped releasing', async () => {
  const folder = temporaryFolder()
  const { url: databaseUrl } = await startPostgresql(folder, { sql: TABLES })
  const repository = join(folder, 'shop')
  const { shas } = makeHistory(repository, leakingShop, Date.UTC(2026, 2, 2, 9))
  mkdirSync(join(repository, 'node_modules'))
  for (const name of ['pg', 'pg-pool', 'pg-types', 'pg-protocol', 'pg-connection-string', 'pgpass']) {
    symlinkSync(
      resolve(import.meta.dirname, '../../node_modules', name),
      join(repository, 'node_modules', name),
    )
  }
  const port = await freePort()
  const requests = [
    { url: `http://127.0.0.1:${port}/orders`, weight: 6 },
    { url: `http://127.0.0.1:${port}/coupon?code=SPRING`, weight: 3 },
    { url: `http://127.0.0.1:${port}/coupon?code=unknown`, weight: 1 },
    { url: `http://127.0.0.1:${port}/health`, weight: 2 },
  ]
  writeFileSync(
    join(folder, 'requests.jsonl'),
    requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
  )
  const out = join(folder, 'out')
  const ended = await firebreak(
    [
      'run',
      '--requests',
      join(folder, 'requests.jsonl'),
      '--db',
      databaseUrl,
      '--rate',
      '60/s',
      '--for',
      '8s',
      '--out',
      out,
      '--json',
      '--',
      process.execPath,
      'src/server.js',
    ],
    { cwd: repository, env: { PORT: String(port), DATABASE_URL: databaseUrl } },
  )
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.factors[0]).toMatchObject({ cause: 'connection-leak', commit: { sha: shas[LEAK_STEP] } })
  expect(incident.proof).toMatchObject({ proven: true, after: { failed: 0 } })
  expect(leftRunning(repository)).toEqual([])
})
