import { describe, expect, test } from 'vitest'
import type { CauseId } from '../contract/causes.ts'
import { causeIds } from '../contract/causes.ts'
import { type IncidentPlan, type LogKind, incident, sessions } from './evidence-builder.ts'
import { weighEvidence } from './weigh-evidence.ts'

type Incident = { readonly name: string; readonly plan: IncidentPlan }

const always =
  (from = 10) =>
  (minute: number) =>
    minute >= from ? 1 : 0
const partly =
  (share: number, from = 0) =>
  (minute: number) =>
    minute >= from ? share : 0
const growing =
  (from = 10) =>
  (minute: number) =>
    Math.min(1, Math.max(0, (minute - from) / 6))
const home = (failing: (minute: number) => number) => ({ route: 'GET /', failing })
const health = { route: 'GET /health' }
const touches = [['commit-touches-trace', 3]] as const
const stopped = [['commit-stopped-releasing', 6]] as const
const limit = [['commit-changed-limit', 2.5]] as const

const incidents: Partial<Record<CauseId, readonly Incident[]>> = {
  'nondeterministic-failure': [
    {
      name: 'python random.choice in a Flask view',
      plan: {
        logs: [{ exception: 'Exception: App crashed due to random error', count: 860, at: 0 }],
        traffic: [home(partly(0.5)), health],
        origin: 'sent',
        process: {},
        guard: {
          kind: 'nondeterministic',
          text: 'random.choice([True, False])',
          chance: 'random.choice',
          predictedShare: 0.5,
        },
      },
    },
    {
      name: 'node Math.random with a share of 20 %, from a log alone',
      plan: {
        logs: [{ exception: 'Error: payment flaked', count: 360, at: 0 }],
        traffic: [home(partly(0.2))],
        guard: {
          kind: 'nondeterministic',
          text: 'Math.random() > 0.8',
          chance: 'Math.random',
          predictedShare: 0.2,
        },
      },
    },
    {
      name: 'go rand.Intn that a release brought',
      plan: {
        logs: [{ exception: '*errors.errorString: shard unavailable', count: 200, at: 10 }],
        traffic: [home(partly(0.25, 10)), health],
        deployAt: 9.8,
        guard: {
          kind: 'nondeterministic',
          text: 'rand.Intn(4) == 0',
          chance: 'rand.Intn',
          predictedShare: 0.25,
        },
        commits: [{ kinds: [['commit-added-nondeterminism', 1], ...touches], probability: 0.9 }],
      },
    },
    {
      name: 'a clock decides and no share is known',
      plan: {
        logs: [{ exception: 'RuntimeError: window closed', count: 200, at: 0 }],
        traffic: [home(partly(0.4))],
        guard: { kind: 'nondeterministic', text: 'time.time() % 10 < limit', chance: 'time.time' },
      },
    },
  ],
  'bad-release': [
    {
      name: 'json.load became json.loads',
      plan: {
        logs: [
          {
            exception: 'TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper',
            count: 1200,
          },
        ],
        traffic: [home(always()), { route: 'POST /your-url', failing: always() }],
        deployAt: 9.9,
        guard: { raises: false },
        commits: [{ kinds: [['commit-changed-call', 0.9], ...touches], probability: 0.85 }],
      },
    },
    {
      name: 'the same under run, where no release time is known',
      plan: {
        logs: [
          {
            exception: 'TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper',
            count: 1200,
            at: 0,
          },
        ],
        traffic: [home(always(0))],
        origin: 'sent',
        process: {},
        guard: { raises: false },
        commits: [{ kinds: [['commit-changed-call', 0.9], ...touches], probability: 0.6 }],
      },
    },
    {
      name: 'javascript: a renamed method',
      plan: {
        logs: [{ exception: 'TypeError: cart.total is not a function' }],
        traffic: [{ route: 'POST /checkout', failing: always() }, home(() => 0)],
        deployAt: 9.5,
        commits: [{ kinds: touches, probability: 0.7 }],
      },
    },
    {
      name: 'java: a dependency bump without its class',
      plan: {
        logs: [
          {
            exception: [
              'ServletException: Handler dispatch failed',
              'java.lang.NoSuchMethodError: com.fasterxml.jackson.core.JsonParser.foo()',
            ],
          },
        ],
        traffic: [home(always())],
        deployAt: 9,
        commits: [{ kinds: [['commit-bumped-dependency', 4]], probability: 0.7 }],
      },
    },
    {
      name: 'ruby: an undefined method since the deploy, no repository',
      plan: {
        logs: [{ exception: "NoMethodError: undefined method `fullname' for #<User>" }],
        traffic: [home(always())],
        deployAt: 9.8,
      },
    },
    {
      name: 'php: an undefined function, log and repository only',
      plan: {
        logs: [{ exception: 'Error: Call to undefined function money_fmt()', severity: 'FATAL', at: 5 }],
        commits: [{ kinds: touches, probability: 0.8 }],
        deployAt: 4.5,
      },
    },
    {
      name: 'a refactor made a lookup crash for part of the inputs',
      plan: {
        logs: [{ exception: "TypeError: Cannot read properties of undefined (reading 'percent')" }],
        traffic: [{ route: 'POST /checkout', failing: partly(0.3, 10) }, health],
        deployAt: 9.9,
        guard: { raises: false },
        commits: [
          {
            kinds: [['commit-changed-call', 1.2], ['commit-explains-failure', 2.2], ...touches],
            probability: 0.9,
          },
        ],
      },
    },
  ],
  'unhandled-input': [
    {
      name: 'python: a missing key in old code',
      plan: {
        logs: [{ exception: "KeyError: 'quantity'", count: 90 }],
        traffic: [{ route: 'POST /orders', failing: partly(0.08, 10) }, health],
        guard: { raises: false },
        deployAt: -3000,
      },
    },
    {
      name: 'java: a number that is none',
      plan: {
        logs: [{ exception: 'java.lang.NumberFormatException: For input string: "12,50"', count: 60 }],
        traffic: [{ route: 'GET /price', failing: partly(0.05, 2) }, health],
      },
    },
    {
      name: 'go: nil pointer on some requests',
      plan: {
        logs: [
          {
            exception: 'runtime error: invalid memory address or nil pointer dereference',
            count: 30,
            severity: 'ERROR',
          },
        ],
        traffic: [home(partly(0.1, 5)), health],
      },
    },
    {
      name: 'python: a deterministic guard raises ValueError',
      plan: {
        logs: [{ exception: 'ValueError: unknown currency XXQ', count: 120 }],
        traffic: [{ route: 'POST /pay', failing: partly(0.12, 0) }],
        guard: { kind: 'condition', text: 'currency not in RATES' },
        commits: [{ kinds: [['commit-touches-trace', 0.5]], probability: 0.15 }],
      },
    },
    {
      name: 'rust: unwrap on None',
      plan: {
        logs: [{ exception: 'panic: called `Option::unwrap()` on a `None` value', count: 25 }],
        traffic: [home(partly(0.04, 3)), health],
      },
    },
  ],
  'connection-leak': [
    {
      name: 'SQLAlchemy, the trace shows innocent code',
      plan: {
        logs: [
          {
            exception:
              'sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00',
          },
        ],
        traffic: [home(growing(12)), health],
        deployAt: 9,
        commits: [
          { kinds: stopped, probability: 0.6, subject: 'Load orders in one query' },
          { kinds: limit, probability: 0.3, subject: 'Wait less for the pool' },
        ],
      },
    },
    {
      name: 'knex under run: works, then everything fails',
      plan: {
        logs: [
          {
            exception:
              'KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?',
          },
        ],
        traffic: [
          { route: 'GET /orders', failing: (minute) => (minute >= 2 ? 1 : 0), answer: 'timed-out' },
          health,
        ],
        origin: 'sent',
        process: {},
        probes: [
          { connections: { used: 10, limit: 100 }, sessions: sessions(10, { state: 'idle', seconds: 60 }) },
        ],
      },
    },
    {
      name: 'HikariCP, its own leak detection and a commit',
      plan: {
        logs: [
          {
            exception:
              'java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=12)',
          },
          {
            line: 'Connection leak detection triggered for org.postgresql.jdbc.PgConnection@1 on thread http-1, stack trace follows',
            severity: 'WARN',
            count: 10,
          },
        ],
        traffic: [home(growing())],
      },
    },
    {
      name: 'go: too many clients at the database, connections only rise',
      plan: {
        logs: [{ exception: '*pq.Error: pq: sorry, too many clients already' }],
        traffic: [home(growing())],
        deployAt: 2,
        probes: [20, 40, 60, 80, 97].map((used) => ({
          connections: { used, limit: 100 },
          sessions: sessions(used, { state: 'idle-in-transaction', seconds: 40 }),
        })),
      },
    },
    {
      name: 'C#: Npgsql with the commit that lost its using',
      plan: {
        logs: [
          {
            exception:
              'Npgsql.NpgsqlException: The connection pool has been exhausted, either raise MaxPoolSize (currently 100) or Timeout (currently 15 seconds)',
          },
        ],
        traffic: [home(always(14)), health],
        deployAt: 9,
        commits: [
          { kinds: [['commit-touches-trace', 3]], probability: 0.3 },
          {
            kinds: [
              ['commit-stopped-releasing', 6],
              ['commit-touches-trace', 0.5],
            ],
            probability: 0.5,
          },
        ],
      },
    },
    {
      name: 'only a log and a repository',
      plan: {
        logs: [
          {
            exception:
              'ActiveRecord::ConnectionTimeoutError: could not obtain a connection from the pool within 5.000 seconds',
          },
        ],
        commits: [
          { kinds: stopped, probability: 0.7 },
          { kinds: limit, probability: 0.1 },
        ],
      },
    },
  ],
  'pool-too-small': [
    {
      name: 'a commit cut the pool size',
      plan: {
        logs: [
          {
            exception:
              'sqlalchemy.exc.TimeoutError: QueuePool limit of size 1 overflow 0 reached, connection timed out, timeout 1.00',
          },
        ],
        traffic: [home(partly(0.4, 10)), health],
        deployAt: 9.9,
        commits: [{ kinds: limit, probability: 0.8 }],
      },
    },
    {
      name: 'traffic grew past a healthy pool',
      plan: {
        logs: [{ exception: 'Error: timeout exceeded when trying to connect' }],
        traffic: [{ route: 'GET /', failing: partly(0.5, 15), traffic: (minute) => (minute >= 14 ? 3 : 1) }],
        probes: [
          { connections: { used: 12, limit: 100 }, sessions: sessions(12, { state: 'active', seconds: 0 }) },
        ],
      },
    },
    {
      name: 'mariadb connector, cut pool, database has room',
      plan: {
        logs: [
          {
            exception:
              'SqlError: (conn:-1, no: 45028, SQLState: HY000) retrieve connection from pool timeout after 1001ms (pool connections: active=2 idle=0 limit=2)',
          },
        ],
        traffic: [home(partly(0.3, 10))],
        deployAt: 9.9,
        commits: [{ kinds: limit, probability: 0.6 }],
        probes: [{ connections: { used: 6, limit: 150 } }],
      },
    },
  ],
  'connections-exhausted': [
    {
      name: 'mysql 1040',
      plan: {
        logs: [{ exception: 'Error: ER_CON_COUNT_ERROR: Too many connections' }],
        traffic: [home(partly(0.6, 10))],
      },
    },
    {
      name: 'postgresql at its limit, busy sessions of many clients',
      plan: {
        logs: [{ line: 'FATAL:  sorry, too many clients already', severity: 'FATAL' }],
        traffic: [home(partly(0.5, 10))],
        probes: [
          { connections: { used: 98, limit: 100 }, sessions: sessions(98, { state: 'active', seconds: 0 }) },
        ],
      },
    },
    {
      name: 'reserved slots only, java',
      plan: {
        logs: [
          {
            exception: [
              'org.springframework.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection',
              'org.postgresql.util.PSQLException: FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute',
            ],
          },
        ],
      },
    },
    {
      name: 'the probe itself is refused',
      plan: {
        logs: [
          {
            exception:
              "PDOException: SQLSTATE[HY000] [1203] User shop already has more than 'max_user_connections' active connections",
          },
        ],
        probes: [
          { connections: null, refused: { reason: 'Too many connections', tooManyConnections: true } },
        ],
      },
    },
  ],
  'slow-query': [
    {
      name: 'statement timeouts hold the pool',
      plan: {
        logs: [
          {
            exception: 'psycopg.errors.QueryCanceled: canceling statement due to statement timeout',
            count: 80,
          },
          {
            exception:
              'sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out',
            count: 60,
          },
        ],
        traffic: [{ route: 'GET /report', failing: partly(0.5, 10), durationMs: 8000 }, health],
      },
    },
    {
      name: 'the slow-query log and long statements',
      plan: {
        logs: [
          {
            line: 'duration: 8231.112 ms  statement: SELECT * FROM orders WHERE note LIKE $1',
            severity: 'INFO',
            count: 30,
          },
        ],
        traffic: [
          { route: 'GET /search', failing: partly(0.5, 10), answer: 'timed-out', durationMs: 10_000 },
          health,
        ],
        probes: [{ sessions: sessions(6, { state: 'active', seconds: 12 }) }],
      },
    },
    {
      name: 'SQL Server command timeout',
      plan: {
        logs: [
          {
            exception:
              'Microsoft.Data.SqlClient.SqlException: Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or the server is not responding.',
          },
        ],
        traffic: [{ route: 'GET /list', failing: partly(0.7, 10), durationMs: 30_000 }],
      },
    },
  ],
  'missing-index': [
    {
      name: 'a migration dropped it, statements time out',
      plan: {
        logs: [{ exception: 'QueryFailedError: canceling statement due to statement timeout' }],
        traffic: [{ route: 'GET /orders', failing: partly(0.8, 10), durationMs: 6000 }],
        deployAt: 9.8,
        commits: [{ kinds: [['commit-dropped-index', 5]], probability: 0.85 }],
      },
    },
    {
      name: 'long statements and a dropped index',
      plan: {
        logs: [{ exception: 'Net::ReadTimeout: Net::ReadTimeout with #<TCPSocket:(closed)>' }],
        traffic: [{ route: 'GET /orders', failing: partly(0.6, 10), answer: 'timed-out' }],
        commits: [{ kinds: [['commit-dropped-index', 5]], probability: 0.8 }],
        probes: [{ sessions: sessions(8, { state: 'active', seconds: 20 }) }],
      },
    },
    {
      name: 'slow-query log in MySQL after a migration',
      plan: {
        logs: [
          {
            line: '# Query_time: 12.5  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 2000000',
            severity: '',
            count: 20,
          },
        ],
        traffic: [{ route: 'GET /orders', failing: partly(0.4, 10), answer: 504 }],
        deployAt: 9,
        commits: [{ kinds: [['commit-dropped-index', 5]], probability: 0.7 }],
      },
    },
  ],
  'lock-contention': [
    {
      name: 'mysql lock wait',
      plan: {
        logs: [
          {
            exception:
              'pymysql.err.OperationalError: (1205, "Lock wait timeout exceeded; try restarting transaction")',
          },
        ],
        traffic: [{ route: 'POST /stock', failing: partly(0.7, 10), durationMs: 50_000 }, health],
      },
    },
    {
      name: 'postgresql deadlocks',
      plan: {
        logs: [{ exception: 'org.postgresql.util.PSQLException: ERROR: deadlock detected' }],
        traffic: [home(partly(0.2, 10))],
      },
    },
    {
      name: 'sqlite is locked',
      plan: {
        logs: [{ exception: 'sqlite3.OperationalError: database is locked' }],
        traffic: [home(partly(0.3, 5))],
      },
    },
    {
      name: 'sessions wait behind an active one',
      plan: {
        logs: [{ exception: 'Error: canceling statement due to lock timeout' }],
        traffic: [home(always()), health],
        probes: [
          {
            sessions: [
              ...sessions(5, { state: 'active', blockedBy: ['7'], waitingFor: 'lock', seconds: 20 }),
              ...sessions(1, { id: '7', state: 'active', seconds: 60 }),
            ],
          },
        ],
      },
    },
  ],
  'idle-in-transaction': [
    {
      name: 'the server ends them',
      plan: {
        logs: [
          {
            exception:
              'asyncpg.exceptions.IdleInTransactionSessionTimeoutError: terminating connection due to idle-in-transaction timeout',
          },
        ],
        traffic: [home(partly(0.3, 10))],
      },
    },
    {
      name: 'an idle transaction blocks the others',
      plan: {
        logs: [{ exception: 'Error: timeout waiting for row' }],
        traffic: [home(partly(0.5, 10))],
        probes: [
          {
            sessions: [
              ...sessions(1, { id: '7', state: 'idle-in-transaction', seconds: 300 }),
              ...sessions(9, { state: 'idle-in-transaction', seconds: 60 }),
              ...sessions(1, { id: '9', state: 'active', seconds: 1 }),
            ],
          },
        ],
      },
    },
    {
      name: 'node-postgres sees its session end',
      plan: { logs: [{ exception: 'error: terminating connection due to idle-in-transaction timeout' }] },
    },
  ],
  'database-down': [
    {
      name: 'psycopg refused',
      plan: {
        logs: [
          {
            exception:
              'psycopg2.OperationalError: connection to server at "db" (10.0.0.3), port 5432 failed: Connection refused',
          },
        ],
        traffic: [home(always()), health],
      },
    },
    {
      name: 'node-postgres refused',
      plan: {
        logs: [{ exception: 'AggregateError: connect ECONNREFUSED 127.0.0.1:5432' }],
        traffic: [home(always())],
      },
    },
    {
      name: 'mysql gone',
      plan: {
        logs: [
          {
            exception:
              "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'db' ([Errno 111] Connection refused)\")",
          },
        ],
        traffic: [home(always())],
      },
    },
    {
      name: 'go dial',
      plan: {
        logs: [{ line: 'query failed: dial tcp 10.0.0.3:3306: connect: connection refused' }],
        traffic: [home(always())],
      },
    },
    {
      name: 'jdbc',
      plan: {
        logs: [
          {
            exception: [
              'CannotCreateTransactionException: Could not open JPA EntityManager',
              'com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure',
            ],
          },
        ],
      },
    },
    {
      name: 'administrator stops it',
      plan: {
        logs: [
          { exception: 'PG::AdminShutdown: FATAL:  terminating connection due to administrator command' },
        ],
        traffic: [home(always())],
      },
    },
  ],
  'schema-mismatch': [
    {
      name: 'postgresql column',
      plan: {
        logs: [{ exception: 'psycopg.errors.UndefinedColumn: column orders.discount does not exist' }],
        traffic: [{ route: 'GET /orders', failing: always() }],
        deployAt: 9.9,
        commits: [{ kinds: touches, probability: 0.7 }],
      },
    },
    {
      name: 'mysql table',
      plan: {
        logs: [
          {
            exception:
              "PDOException: SQLSTATE[42S02]: Base table or view not found: 1146 Table 'shop.coupons' doesn't exist",
          },
        ],
        deployAt: 9.5,
        traffic: [home(partly(0.5, 10))],
      },
    },
    {
      name: 'rails pending',
      plan: {
        logs: [{ exception: 'ActiveRecord::PendingMigrationError: Migrations are pending.' }],
        traffic: [home(always())],
      },
    },
  ],
  'dependency-down': [
    {
      name: 'python requests',
      plan: {
        logs: [
          {
            exception: [
              "requests.exceptions.ConnectionError: HTTPConnectionPool(host='payments', port=8080): Max retries exceeded",
              'urllib3.exceptions.NewConnectionError: Failed to establish a new connection: [Errno 111] Connection refused',
            ],
          },
        ],
        traffic: [{ route: 'POST /pay', failing: always() }, health],
      },
    },
    {
      name: 'node fetch',
      plan: {
        logs: [{ exception: ['TypeError: fetch failed', 'Error: connect ECONNREFUSED 10.0.0.7:8080'] }],
        traffic: [{ route: 'POST /pay', failing: always() }, health],
      },
    },
    {
      name: 'axios 503',
      plan: {
        logs: [{ exception: 'AxiosError: Request failed with status code 503' }],
        traffic: [{ route: 'POST /pay', failing: partly(0.9, 10) }],
      },
    },
    {
      name: 'go',
      plan: {
        logs: [
          {
            line: 'charge: Post "http://payments:8080/charge": dial tcp 10.0.0.7:8080: connect: connection refused',
          },
        ],
      },
    },
    {
      name: 'nginx upstream',
      plan: {
        logs: [
          {
            line: 'connect() failed (111: Connection refused) while connecting to upstream, upstream: "http://10.0.0.9:3000/"',
          },
        ],
        traffic: [{ route: 'GET /', failing: always(), answer: 502 }],
      },
    },
    {
      name: 'okhttp',
      plan: { logs: [{ exception: 'java.net.ConnectException: Failed to connect to mail/10.0.0.8:25' }] },
    },
    {
      name: 'c# HttpClient',
      plan: {
        logs: [
          {
            exception: [
              'System.Net.Http.HttpRequestException: Connection refused (payments:8080)',
              'System.Net.Sockets.SocketException: Connection refused',
            ],
          },
        ],
      },
    },
  ],
  'dependency-slow': [
    {
      name: 'httpx',
      plan: {
        logs: [{ exception: 'httpx.ReadTimeout: The read operation timed out' }],
        traffic: [{ route: 'POST /pay', failing: partly(0.7, 10), answer: 504, durationMs: 10_000 }, health],
      },
    },
    {
      name: 'axios',
      plan: {
        logs: [{ exception: 'AxiosError: timeout of 5000ms exceeded' }],
        traffic: [{ route: 'POST /pay', failing: partly(0.5, 10), durationMs: 5000 }],
      },
    },
    {
      name: 'go',
      plan: {
        logs: [
          {
            line: 'Get "https://api.example.com/v1": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
          },
        ],
      },
    },
    {
      name: 'okhttp',
      plan: {
        logs: [{ exception: 'java.net.SocketTimeoutException: timeout' }],
        traffic: [{ route: 'GET /quote', failing: partly(0.6, 10), durationMs: 10_000 }],
      },
    },
    {
      name: 'c# HttpClient',
      plan: {
        logs: [
          {
            exception:
              'System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 10 seconds elapsing.',
          },
        ],
      },
    },
    {
      name: 'undici',
      plan: {
        logs: [{ exception: ['TypeError: fetch failed', 'HeadersTimeoutError: Headers Timeout Error'] }],
      },
    },
  ],
  'name-resolution': [
    {
      name: 'node',
      plan: {
        logs: [{ exception: 'Error: getaddrinfo ENOTFOUND payments.internal' }],
        traffic: [home(always())],
      },
    },
    {
      name: 'python',
      plan: {
        logs: [
          {
            exception: [
              "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api', port=443): Max retries exceeded with url: /",
              "urllib3.exceptions.NameResolutionError: Failed to resolve 'api' ([Errno -3] Temporary failure in name resolution)",
            ],
          },
        ],
      },
    },
    {
      name: 'database host',
      plan: {
        logs: [
          {
            exception:
              'psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known',
          },
        ],
        traffic: [home(always())],
      },
    },
    { name: 'go', plan: { logs: [{ line: 'dial tcp: lookup payments on 10.0.0.2:53: no such host' }] } },
    { name: 'java', plan: { logs: [{ exception: 'java.net.UnknownHostException: payments' }] } },
  ],
  'certificate-expired': [
    {
      name: 'node',
      plan: {
        logs: [{ exception: ['TypeError: fetch failed', 'Error: certificate has expired'] }],
        traffic: [{ route: 'POST /pay', failing: always() }, health],
      },
    },
    {
      name: 'python',
      plan: {
        logs: [
          {
            exception: [
              "requests.exceptions.SSLError: HTTPSConnectionPool(host='api', port=443): Max retries exceeded",
              'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1000)',
            ],
          },
        ],
      },
    },
    {
      name: 'go',
      plan: {
        logs: [
          {
            line: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-03-03T09:10:00Z is after 2026-03-03T09:09:00Z',
          },
        ],
      },
    },
    {
      name: 'java',
      plan: {
        logs: [
          {
            exception: [
              'javax.net.ssl.SSLHandshakeException: PKIX path validation failed',
              'java.security.cert.CertificateExpiredException: NotAfter: Tue Mar 03 09:09:00 UTC 2026',
            ],
          },
        ],
      },
    },
    {
      name: 'c#',
      plan: {
        logs: [
          {
            exception: [
              'System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.',
              'System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: NotTimeValid',
            ],
          },
        ],
      },
    },
  ],
  'certificate-untrusted': [
    { name: 'node', plan: { logs: [{ exception: 'Error: self-signed certificate in certificate chain' }] } },
    { name: 'go', plan: { logs: [{ line: 'x509: certificate signed by unknown authority' }] } },
    {
      name: 'java',
      plan: {
        logs: [
          {
            exception:
              'javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target',
          },
        ],
      },
    },
  ],
  'rate-limited': [
    {
      name: 'python',
      plan: {
        logs: [
          {
            exception:
              'requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://api.example.com/v1',
          },
        ],
        traffic: [home(partly(0.3, 10))],
      },
    },
    { name: 'aws', plan: { logs: [{ exception: 'ThrottlingException: Rate exceeded' }] } },
    { name: 'axios', plan: { logs: [{ exception: 'AxiosError: Request failed with status code 429' }] } },
    {
      name: 'openai-like',
      plan: { logs: [{ exception: 'RateLimitError: You exceeded your current quota' }] },
    },
  ],
  'authentication-failed': [
    {
      name: 'postgresql',
      plan: {
        logs: [
          {
            exception:
              'psycopg.OperationalError: connection failed: connection to server at "10.0.0.3", port 5432 failed: FATAL:  password authentication failed for user "shop"',
          },
        ],
        traffic: [home(always())],
      },
    },
    {
      name: 'mysql',
      plan: {
        logs: [{ exception: "Error: Access denied for user 'shop'@'10.0.0.5' (using password: YES)" }],
      },
    },
    {
      name: '401',
      plan: {
        logs: [
          {
            exception:
              'requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.example.com',
          },
        ],
      },
    },
    {
      name: 'java',
      plan: {
        logs: [
          {
            exception: [
              'SQLException: cannot connect',
              'org.postgresql.util.PSQLException: FATAL: password authentication failed for user "app"',
            ],
          },
        ],
      },
    },
  ],
  'memory-leak': [
    {
      name: 'memory rises until the heap ends',
      plan: {
        logs: [
          {
            line: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
            severity: 'FATAL',
            count: 1,
            at: 3,
          },
        ],
        process: {
          exitedAt: Date.UTC(2026, 2, 3, 9, 3),
          exitCode: 134,
          memoryMb: [60, 80, 100, 130, 160, 190, 220, 250, 280, 310, 340, 370],
        },
      },
    },
    {
      name: 'memory rises and it is killed',
      plan: {
        process: {
          exitedAt: Date.UTC(2026, 2, 3, 9, 3),
          signal: 'SIGKILL',
          memoryMb: [100, 150, 200, 260, 330, 400, 480, 560, 640, 720],
        },
      },
    },
    {
      name: 'memory rises, failures grow',
      plan: {
        logs: [{ exception: 'MemoryError' }],
        traffic: [home(growing(15))],
        process: { memoryMb: [100, 150, 200, 260, 330, 400, 480, 560, 640, 720] },
      },
    },
  ],
  'out-of-memory': [
    {
      name: 'java heap',
      plan: {
        logs: [{ exception: 'java.lang.OutOfMemoryError: Java heap space', count: 3 }],
        traffic: [home(partly(0.4, 10))],
      },
    },
    {
      name: 'kernel',
      plan: {
        logs: [
          {
            line: 'Out of memory: Killed process 2311 (node) total-vm:2234560kB',
            severity: 'INFO',
            count: 1,
          },
          { line: 'connect() failed (111: Connection refused) while connecting to upstream', count: 40 },
        ],
        traffic: [{ route: 'GET /', failing: always(), answer: 502 }],
      },
    },
    {
      name: 'kubernetes',
      plan: {
        logs: [
          { line: 'Container web terminated: reason OOMKilled exitCode: 137', severity: 'WARN', count: 2 },
        ],
        traffic: [{ route: 'GET /', failing: partly(0.3, 10), answer: 502 }],
      },
    },
    {
      name: 'php',
      plan: {
        logs: [
          {
            exception:
              'PHP Fatal error: Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)',
          },
        ],
      },
    },
    {
      name: 'one large request, memory steady before',
      plan: {
        logs: [{ exception: 'MemoryError: Unable to allocate 12.0 GiB', count: 2 }],
        process: { memoryMb: [100, 101, 100, 102, 101, 100, 101, 101, 100] },
        traffic: [home(partly(0.02, 10))],
      },
    },
  ],
  'disk-full': [
    {
      name: 'python',
      plan: {
        logs: [{ exception: "OSError: [Errno 28] No space left on device: '/data/upload.tmp'" }],
        traffic: [{ route: 'POST /upload', failing: always() }, health],
      },
    },
    {
      name: 'postgresql',
      plan: {
        logs: [
          { line: 'ERROR: could not extend file "base/16384/16397": No space left on device' },
          {
            exception:
              'psycopg.errors.DiskFull: could not extend file "base/16384/16397": No space left on device',
          },
        ],
      },
    },
    { name: 'node', plan: { logs: [{ exception: 'Error: ENOSPC: no space left on device, write' }] } },
    { name: 'java', plan: { logs: [{ exception: 'java.io.IOException: No space left on device' }] } },
  ],
  'file-descriptors-exhausted': [
    { name: 'node', plan: { logs: [{ exception: "Error: EMFILE: too many open files, open '/app/x'" }] } },
    {
      name: 'python',
      plan: { logs: [{ exception: 'OSError: [Errno 24] Too many open files' }], traffic: [home(growing())] },
    },
    {
      name: 'go',
      plan: {
        logs: [
          { line: 'http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 5ms' },
        ],
      },
    },
  ],
  'missing-configuration': [
    {
      name: 'python',
      plan: {
        logs: [{ exception: "KeyError: 'STRIPE_API_KEY'" }],
        traffic: [{ route: 'POST /pay', failing: always() }],
        deployAt: 9.9,
        commits: [{ kinds: touches, probability: 0.7 }],
      },
    },
    {
      name: 'node at start',
      plan: {
        logs: [{ exception: 'Error: Missing required environment variable DATABASE_URL' }],
        process: { exitedAt: Date.UTC(2026, 2, 3, 9, 1), exitCode: 1 },
      },
    },
    {
      name: 'spring',
      plan: {
        logs: [
          {
            exception:
              'java.lang.IllegalArgumentException: Could not resolve placeholder \'mail.host\' in value "${mail.host}"',
          },
        ],
      },
    },
    { name: 'ruby', plan: { logs: [{ exception: 'KeyError: key not found: "SECRET_KEY_BASE"' }] } },
    {
      name: 'a file',
      plan: {
        logs: [
          { exception: "FileNotFoundError: [Errno 2] No such file or directory: '/etc/app/settings.yaml'" },
        ],
        traffic: [home(always())],
        deployAt: 9.9,
      },
    },
  ],
  'wrong-configuration': [
    {
      name: 'refused value',
      plan: {
        logs: [{ exception: 'ConfigurationError: invalid value for setting workers' }],
        process: { exitedAt: Date.UTC(2026, 2, 3, 9, 1), exitCode: 1 },
      },
    },
    {
      name: 'a changed host does not answer',
      plan: {
        logs: [{ exception: 'Error: connect ECONNREFUSED 10.9.9.9:8080' }],
        traffic: [home(always())],
        deployAt: 9.9,
        commits: [{ kinds: [['commit-changed-configuration', 2.5]], probability: 0.9 }],
      },
    },
    {
      name: 'yaml',
      plan: {
        logs: [
          { line: 'failed to load config: yaml: line 12: mapping values are not allowed', severity: 'FATAL' },
        ],
      },
    },
  ],
  'instance-down': [
    {
      name: 'killed with steady memory',
      plan: {
        process: {
          exitedAt: Date.UTC(2026, 2, 3, 9, 5),
          signal: 'SIGTERM',
          memoryMb: [100, 101, 100, 102, 101, 100, 101, 101, 100],
        },
        traffic: [{ route: 'GET /', failing: always(5), answer: 502 }],
      },
    },
    {
      name: 'exit 1 without words',
      plan: { process: { exitedAt: Date.UTC(2026, 2, 3, 9, 5), exitCode: 1 } },
    },
    {
      name: 'SIGKILL with steady memory',
      plan: {
        process: {
          exitedAt: Date.UTC(2026, 2, 3, 9, 5),
          signal: 'SIGKILL',
          memoryMb: [100, 101, 100, 102, 101, 100, 101, 101, 100],
        },
      },
    },
  ],
  'traffic-surge': [
    {
      name: 'five times the requests',
      plan: {
        traffic: [
          {
            route: 'GET /',
            failing: partly(0.4, 15),
            answer: 503,
            durationMs: 9000,
            traffic: (minute) => (minute >= 14 ? 5 : 1),
          },
        ],
      },
    },
    {
      name: 'time-outs under ten times',
      plan: {
        logs: [{ line: 'worker queue is full', at: 15 }],
        traffic: [
          {
            route: 'GET /',
            failing: partly(0.6, 15),
            answer: 'timed-out',
            traffic: (minute) => (minute >= 14 ? 10 : 1),
          },
        ],
      },
    },
    {
      name: 'all routes at once',
      plan: {
        traffic: [
          {
            route: 'GET /',
            failing: partly(0.3, 15),
            durationMs: 5000,
            traffic: (minute) => (minute >= 14 ? 6 : 1),
          },
          {
            route: 'GET /cart',
            failing: partly(0.3, 15),
            durationMs: 5000,
            traffic: (minute) => (minute >= 14 ? 6 : 1),
          },
        ],
      },
    },
  ],
}

const rows = Object.entries(incidents).flatMap(([cause, list]) =>
  (list ?? []).map((one) => ({ cause, ...one })),
)

describe('the first cause', () => {
  test.each(rows)('$cause: $name', async ({ cause, plan }) => {
    const { factors, inconclusive, problems } = await weighEvidence(incident(plan))
    const seen = factors.map((factor) => `${factor.cause} ${factor.confidence}`).join(', ')
    expect(seen).toMatch(new RegExp(`^${cause} `))
    expect(`${String(inconclusive)}: ${seen}`).toMatch(/^false/)
    expect(problems).toEqual([])
  })

  test('is tried for every cause of the catalogue, at least three times', () => {
    const few = causeIds.filter((cause) => (incidents[cause]?.length ?? 0) < 3)
    expect(few).toEqual([])
  })

  test('stands out of chatter: old errors, a few stray new ones', async () => {
    const chatter: readonly LogKind[] = [
      { exception: "KeyError: 'utm_source'", old: true, count: 400 },
      { line: 'certificate of legacy.example.com has expired', old: true, count: 60 },
      { line: 'Read timed out while fetching the news feed', old: true, count: 90 },
      { line: 'slow query: 1200 ms', severity: 'WARN', old: true, count: 80 },
      { exception: 'BrokenPipeError: [Errno 32] Broken pipe', count: 2 },
      { exception: "ValueError: invalid literal for int() with base 10: 'abc'", count: 1 },
      { line: 'GET /wp-login.php 404', severity: 'INFO', count: 900, old: true },
    ]
    const wrong: string[] = []
    for (const { cause, name, plan } of rows) {
      const { factors } = await weighEvidence(incident({ ...plan, logs: [...(plan.logs ?? []), ...chatter] }))
      if (factors[0]?.cause !== cause) wrong.push(`${cause} (${name}): ${factors[0]?.cause ?? 'nothing'}`)
    }
    console.log(
      `with chatter ${rows.length - wrong.length}/${rows.length}; wrong: ${wrong.join('; ') || 'none'}`,
    )
    expect(wrong.length / rows.length).toBeLessThanOrEqual(0.07)
  })

  test('is as sure as it is right', async () => {
    const bins = new Map<number, { right: number; all: number; confidence: number }>()
    for (const { cause, plan } of rows) {
      const [first] = (await weighEvidence(incident(plan))).factors
      const bin = Math.min(9, Math.floor((first?.confidence ?? 0) * 10))
      const so = bins.get(bin) ?? { right: 0, all: 0, confidence: 0 }
      bins.set(bin, {
        right: so.right + (first?.cause === cause ? 1 : 0),
        all: so.all + 1,
        confidence: so.confidence + (first?.confidence ?? 0),
      })
    }
    const lines = [...bins]
      .toSorted(([a], [b]) => a - b)
      .map(([, { right, all, confidence }]) => `${(confidence / all).toFixed(2)} → ${right}/${all}`)
    const right = [...bins.values()].reduce((sum, bin) => sum + bin.right, 0)
    console.log(`accuracy ${right}/${rows.length}; said confidence → right: ${lines.join(', ')}`)
    expect(right / rows.length).toBeGreaterThanOrEqual(0.95)
  })
})
