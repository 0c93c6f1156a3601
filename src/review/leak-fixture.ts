import type { CommitCandidate, Factor } from '../diagnose/index.ts'
import type { ExceptionChain } from '../telemetry/index.ts'
import type { ReviewInput } from './review.ts'
import {
  answer,
  coins,
  diagnosis,
  every,
  factor,
  finding,
  fingerprint,
  reviewInput,
} from './review-fixture.ts'

const EVENING = Date.parse('2026-06-12T18:00:00Z')

const POOL_ERROR: ExceptionChain = [
  {
    type: 'TimeoutError',
    message: 'QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00',
    frames: [
      { file: 'site-packages/sqlalchemy/pool/impl.py', line: 168, function: '_do_get', inApp: false },
      { file: 'shop/catalogue.py', line: 33, function: 'list_products', inApp: true },
    ],
  },
]

const COMMIT = {
  sha: '7e57ab1e00000000000000000000000000000000',
  subject: 'Speed up the order export',
  committedAt: EVENING - 5_000_000,
}

const CANDIDATES: readonly CommitCandidate[] = [
  {
    ...COMMIT,
    score: 4,
    probability: 0.81,
    reasons: [
      {
        kind: 'commit-stopped-releasing',
        summary: 'it removed the release of a connection',
        weight: 3,
      },
    ],
    hunks: [
      {
        file: 'shop/export.py',
        oldStart: 55,
        newStart: 55,
        lines: [
          ' def export_orders(since):',
          '-    with engine.connect() as connection:',
          '-        rows = connection.execute(QUERY, {"since": since})',
          '-        return [dict(row) for row in rows]',
          '+    connection = engine.connect()',
          '+    rows = connection.execute(QUERY, {"since": since})',
          '+    return (dict(row) for row in rows)',
        ],
      },
    ],
  },
]

function leakFactor(failed: number): Factor {
  return factor({
    cause: 'connection-leak',
    confidence: 0.88,
    summary:
      'since commit 7e57ab1e00 `export_orders` no longer gives its connection back; after 15 exports the pool is empty and every query waits until it times out',
    resource: 'QueuePool',
    location: { file: 'shop/export.py', line: 58, function: 'export_orders' },
    commit: COMMIT,
    chain: [
      'release 2026.6.12 with commit 7e57ab1e00',
      'the connection pool of shop',
      'each order export keeps a connection for ever',
      'requests time out waiting for a connection',
    ],
    findings: [
      finding({
        kind: 'pool-timed-out',
        summary: `the pool had no connection to give, ${failed} times`,
        source: 'shop.log:4410',
        weight: 2.2,
      }),
      finding({
        kind: 'commit-stopped-releasing',
        summary: 'the commit removed `with engine.connect()` around the export',
        source: 'git 7e57ab1e00',
        weight: 3,
      }),
      finding({
        kind: 'failures-grow',
        summary: 'failures grew from 0 to 95 % within two minutes',
        source: 'access log',
        weight: 0.9,
      }),
      finding({
        kind: 'database-connections-normal',
        summary: 'the database itself has connections left (31 of 100)',
        source: 'probe postgresql',
        weight: -0.2,
      }),
    ],
    immediateFix: [
      'restart the instances: it empties the pool, for a while',
      'roll back to the release before',
    ],
    permanentFix: ['open the connection of `export_orders` in a `with` block'],
    prevention: [
      'Alert when over 80 % of a pool is in use',
      'Log connections that are held for over a minute',
    ],
  })
}

/** A leak: the errors come slowly, then everywhere, in innocent code; and it goes on. */
export function leakCase(): ReviewInput {
  const start = EVENING
  const routes = ['GET /orders', 'POST /checkout', 'GET /products/{id}', 'GET /cart']
  const times = every(start, 250, 4 * 60 * 12)
  const leakFrom = start + 300_000
  const failsFrom = leakFrom + 60_000
  const tosses = coins(times.length, 0.35)
  const fails = (at: number, index: number): boolean =>
    at > failsFrom + 60_000 ? index % 20 !== 0 : at > failsFrom && (tosses[index] ?? false)
  const requests = times.map((at, index) => answer(at, routes[index % 4] ?? '', fails(at, index) ? 503 : 200))
  const failures = times.filter((at, index) => fails(at, index))
  return reviewInput({
    how: 'investigate',
    requests,
    lines: 9100,
    firstSeen: start,
    deploys: [
      { at: leakFrom, service: 'shop', version: '2026.6.12', commit: 'feedbeef', previousCommit: 'deadbeef' },
    ],
    fingerprints: [
      fingerprint({
        id: 'l1',
        template: 'QueuePool limit of size <*> overflow <*> reached',
        severityText: 'ERROR',
        times: failures,
        exception: POOL_ERROR,
        file: 'shop.log',
        line: 4410,
        order: 9,
      }),
    ],
    objective: '99.9%/month',
    diagnosis: diagnosis({
      factors: [leakFactor(failures.length)],
      candidates: CANDIDATES,
      range: {
        goodCommit: 'deadbeef',
        badCommit: 'feedbeef',
        how: 'deploys file',
        deployedAt: leakFrom,
        commits: 12,
        notes: [],
      },
    }),
    generatedAt: start + 900_000,
  })
}
