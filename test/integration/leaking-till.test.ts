import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { PYTHON } from '../needs.ts'
import { TILL_LEAK_STEP, leakingTill } from '../programs/leaking-till.ts'
import { startMariadb } from './database-servers.ts'
import { firebreak, freePort, incidentOf, leftRunning, readOut, temporaryFolder } from './firebreak.ts'

const TABLES = `
  CREATE TABLE products (id int PRIMARY KEY AUTO_INCREMENT, name varchar(40), price int);
  INSERT INTO products (name, price) VALUES ('tea', 4), ('cup', 9), ('pot', 30);
  CREATE TABLE orders (id int PRIMARY KEY, total int);
  INSERT INTO orders VALUES (1, 40), (2, 90)`

test('a leak in Python on MariaDB leads to the commit that stopped giving connections back', async () => {
  const folder = temporaryFolder()
  const { url } = await startMariadb(folder, { sql: TABLES })
  const repository = join(folder, 'till')
  const { shas } = makeHistory(repository, leakingTill, Date.UTC(2026, 2, 2, 9))
  const port = await freePort()
  const requests = [
    { url: `http://127.0.0.1:${port}/products`, weight: 5 },
    { url: `http://127.0.0.1:${port}/orders/1`, weight: 4 },
    { url: `http://127.0.0.1:${port}/refunds?order=2`, weight: 2 },
    { url: `http://127.0.0.1:${port}/refunds?order=77`, weight: 1 },
    { url: `http://127.0.0.1:${port}/health`, weight: 2 },
  ]
  const file = join(folder, 'requests.jsonl')
  writeFileSync(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''))
  const out = join(folder, 'out')
  const options = ['--requests', file, '--db', url, '--rate', '50/s', '--for', '8s', '--out', out, '--json']
  const ended = await firebreak(['run', ...options, '--', PYTHON, 'app.py'], {
    cwd: repository,
    env: { PORT: String(port), DATABASE_URL: url },
  })
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.factors[0]).toMatchObject({
    cause: 'connection-leak',
    commit: { sha: shas[TILL_LEAK_STEP] },
    location: { file: 'refunds.py' },
  })
  expect(incident.proof).toMatchObject({ proven: true, after: { failed: 0 } })
  const review = readOut(out, 'review.md')
  expect(review).toContain('pool.put(conn)')
  expect(review).not.toContain('shop-secret')
  expect(incident.fingerprints.map(({ template }) => template).join('\n')).not.toContain('refunds.py')
  expect(leftRunning(repository)).toEqual([])
})
