import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classifySymptom, resourceIn } from './classify-symptom.ts'
import { type LogKind, fingerprintOf } from './evidence-builder.ts'
import type { FindingKind } from './finding.ts'

const told: Partial<Record<FindingKind, readonly string[]>> = {
  'pool-timed-out': [
    'sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)',
    "psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec",
    'psycopg2.pool.PoolError: connection pool exhausted',
    'mysql.connector.errors.PoolError: Failed getting connection; pool exhausted',
    'KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?',
    'SequelizeConnectionAcquireTimeoutError: Operation timeout',
    'Error: timeout exceeded when trying to connect',
    'PrismaClientKnownRequestError: Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection limit: 5)',
    'Error: Acquire Timeout Exceeded for queued queries.',
    'java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.',
    'org.apache.tomcat.jdbc.pool.PoolExhaustedException: [http-nio-8080-exec-3] Timeout: Pool empty. Unable to fetch a connection in 30 seconds, none available[size:100; busy:100; idle:0; lastwait:30000].',
    'java.sql.SQLException: Cannot get a connection, pool error Timeout waiting for idle object',
    'java.sql.SQLException: An attempt by a client to checkout a Connection has timed out.',
    'java.sql.SQLException: Unable to acquire JDBC Connection',
    'System.InvalidOperationException: Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool.  This may have occurred because all pooled connections were in use and max pool size was reached.',
    'ActiveRecord::ConnectionTimeoutError: could not obtain a connection from the pool within 5.000 seconds (waited 5.001 seconds); all pooled connections were in use',
    'DBConnection.ConnectionError: connection not available and request was dropped from queue after 2031ms',
    'Error: PoolTimedOut: pool timed out while waiting for an open connection',
    'r2d2::Error: timed out waiting for connection',
    'HasqlError: AcquisitionTimeoutUsageError',
    'MongoWaitQueueTimeoutError: Timed out while checking out a connection from connection pool',
    'acquire connection: context deadline exceeded',
  ],
  'too-many-connections': [
    'psycopg2.OperationalError: connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already',
    "pymysql.err.OperationalError: (1040, 'Too many connections')",
    'error: remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
    'FATAL: too many connections for role "app"',
    "mysqli_sql_exception: User 'shop' has exceeded the 'max_user_connections' resource (current value: 10)",
    'redis.exceptions.ConnectionError: max number of clients reached',
    'Error: no more connections allowed (max_client_conn)',
    'ORA-12519: TNS:no appropriate service handler found',
  ],
  'database-unreachable-error': [
    '** (DBConnection.ConnectionError) tcp connect (localhost:5432): connection refused - :econnrefused',
    'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the connection unexpectedly',
    'org.postgresql.util.PSQLException: Connection to db:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.',
    'Error: Connection terminated unexpectedly',
    'PG::ConnectionBad: could not connect to server: Connection refused',
    "MySQLdb.OperationalError: (2006, 'MySQL server has gone away')",
    'failed to connect to `host=db user=app database=shop`: dial error (dial tcp 10.0.0.3:5432: connect: connection refused)',
    'MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017',
    "Can't reach database server at `db:5432`",
    'Npgsql.NpgsqlException: Failed to connect to 10.0.0.3:5432',
    'FATAL:  the database system is starting up',
    'ERROR: cannot execute UPDATE in a read-only transaction',
  ],
  'lock-wait-error': [
    "(1213, 'Deadlock found when trying to get lock; try restarting transaction')",
    'PHP Fatal error: Uncaught [40001] - SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock',
    'psycopg.errors.LockNotAvailable: could not obtain lock on row in relation "stock"',
    'Transaction (Process ID 57) was deadlocked on lock resources with another process and has been chosen as the deadlock victim.',
    'process 811 still waiting for ShareLock on transaction 742 after 1000.1 ms',
    'SqliteError: database is locked',
  ],
  'statement-timed-out': [
    "(2013, 'Lost connection to MySQL server during query (timed out)')",
    'Error: Query read timeout',
    'ERROR: canceling statement due to statement timeout',
    'Query execution was interrupted, maximum statement execution time exceeded',
    'ActiveRecord::QueryCanceled: PG::QueryCanceled: ERROR: canceling statement due to statement timeout',
  ],
  'certificate-expired-error': [
    'Error: CERT_HAS_EXPIRED',
    'TLS error: WebPKIError(CertExpired)',
    'OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: certificate verify failed (certificate has expired)',
    'curl: (60) SSL certificate problem: certificate has expired',
    'invalid peer certificate: Expired / InvalidCertificate(Expired)',
    'x509: certificate has expired or is not yet valid: current time 2023-05-18 is after 2023-04-23T06:01:48Z',
  ],
  'certificate-untrusted-error': [
    'requests.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate',
    "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames",
    'x509: certificate is valid for a.example.com, not b.example.com',
    'AuthenticationException: The remote certificate is invalid: RemoteCertificateNameMismatch',
  ],
  'name-not-resolved': [
    'failed to connect: ** (DBConnection.ConnectionError) tcp connect: non-existing domain - :nxdomain',
    'java.net.UnknownHostException: pay: Temporary failure in name resolution',
    'dns error: failed to lookup address information: Name or service not known',
    'Faraday::ConnectionFailed: Failed to open TCP connection to pay:443 (getaddrinfo: Name or service not known)',
    'php_network_getaddresses: getaddrinfo failed: Name or service not known',
    'System.Net.Http.HttpRequestException: No such host is known. (pay:443)',
    'host not found in upstream "pay" in /etc/nginx/nginx.conf:12',
    "Unknown MySQL server host 'db' (-2)",
  ],
  'connection-refused': [
    'Error: connect ECONNREFUSED 127.0.0.1:6379',
    "requests.exceptions.ConnectionError: HTTPConnectionPool(host='pay', port=80): Max retries exceeded with url: /charge",
    'httpx.ConnectError: All connection attempts failed',
    'connect() failed (111: Connection refused) while connecting to upstream',
    'no live upstreams while connecting to upstream',
    'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
    'Errno::EHOSTUNREACH: No route to host - connect(2) for "10.0.0.9" port 80',
  ],
  'dependency-timed-out': [
    "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='api', port=443): Read timed out. (read timeout=5)",
    'Error: timeout of 1000ms exceeded',
    'ConnectTimeoutError: Connect Timeout Error (attempted address: api:443, timeout: 10000ms)',
    'Net::OpenTimeout: execution expired',
    'cURL error 28: Operation timed out after 5001 milliseconds with 0 bytes received',
    'upstream timed out (110: Connection timed out) while reading response header from upstream',
    'rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    'java.net.http.HttpTimeoutException: request timed out',
    'payment did not answer within 2000 ms',
  ],
  'dependency-failed': [
    'requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://pay/charge',
    'payment gateway returned 502',
    'rpc error: code = Unavailable desc = upstream is down',
    "io.github.resilience4j.circuitbreaker.CallNotPermittedException: CircuitBreaker 'pay' is OPEN and does not permit further calls",
    'upstream prematurely closed connection while reading response header from upstream',
    'StatusRuntimeException: UNAVAILABLE',
  ],
  'rate-limited-error': [
    'stripe.error.RateLimitError: Request rate limit exceeded',
    'botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling the GetItem operation: Rate exceeded',
    'AxiosError: Request failed with status code 429',
    'unexpected status: 429 Too Many Requests',
  ],
  'authentication-error': [
    'asyncpg.exceptions.InvalidPasswordError: password authentication failed for user "app"',
    "ER_ACCESS_DENIED_ERROR: Access denied for user 'app'@'10.0.0.4' (using password: YES)",
    'redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.',
    'AxiosError: Request failed with status code 401',
    'botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the PutObject operation',
    'no pg_hba.conf entry for host "10.0.0.9", user "app", database "shop", SSL off',
  ],
  'out-of-memory-error': [
    'FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory',
    'fatal error: runtime: out of memory',
    'numpy.core._exceptions.MemoryError: Unable to allocate 7.5 GiB for an array',
    'Resource exhaustion event: the JVM was unable to allocate memory from the heap.',
    '[CRITICAL] Worker (pid:42) was sent SIGKILL! Perhaps out of memory?',
    'Process exited with exit code 137',
    'node invoked oom-killer: gfp_mask=0x100cca, order=0, oom_score_adj=0',
    "System.OutOfMemoryException: Exception of type 'System.OutOfMemoryException' was thrown.",
  ],
  'no-space-error': [
    'OSError: [Errno 28] No space left on device',
    'write /var/lib/app/data: no space left on device',
    "Got error 28 from storage engine; The table 'orders' is full",
    'elasticsearch: flood-stage disk watermark [95%] exceeded on [node-1]',
  ],
  'too-many-open-files': [
    "Error: EMFILE: too many open files, watch '/app'",
    'accept4() failed (24: Too many open files)',
    'Error: ENOSPC: System limit for number of file watchers reached',
  ],
  'missing-configuration-error': [
    "KeyError: 'DATABASE_URL'",
    'django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.',
    'Error: STRIPE_KEY is not set',
    'required key PAYMENT_URL missing value',
    'Error: secretOrPrivateKey must have a value',
    "Error: ENOENT: no such file or directory, open '/app/config/production.json.env'",
    'System.InvalidOperationException: The ConnectionString property has not been initialized.',
    'panic: open /etc/app/config.yaml: no such file or directory',
  ],
  'schema-mismatch-error': [
    'org.postgresql.util.PSQLException: ERROR: relation "coupons" does not exist',
    "pymysql.err.OperationalError: (1054, \"Unknown column 'orders.discount' in 'field list'\")",
    'sqlite3.OperationalError: no such table: coupons',
    "Microsoft.Data.SqlClient.SqlException: Invalid column name 'discount'.",
  ],
  'missing-module-error': [
    "ModuleNotFoundError: No module named 'requests'",
    "Error: Cannot find module './prices'",
    'java.lang.NoClassDefFoundError: org/slf4j/Logger',
    'NameError: uninitialized constant Billing::Invoice',
  ],
  'programming-error': [
    'TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper',
    "TypeError: total() missing 1 required positional argument: 'rate'",
    "AttributeError: 'Cart' object has no attribute 'total'",
    'ReferenceError: price is not defined',
    'TypeError: cart.sum is not a function',
    'java.lang.ClassCastException: class A cannot be cast to class B',
    "NoMethodError: undefined method `sum' for #<Cart:0x0001>",
    'ArgumentError: wrong number of arguments (given 1, expected 2)',
    'Error: Call to undefined method Cart::sum()',
    'panic: interface conversion: interface {} is string, not int',
    "UnboundLocalError: cannot access local variable 'x' where it is not associated with a value",
  ],
  'input-error': [
    "KeyError: 'quantity'",
    "ValueError: invalid literal for int() with base 10: 'abc'",
    "AttributeError: 'NoneType' object has no attribute 'strip'",
    "TypeError: 'NoneType' object is not subscriptable",
    "TypeError: Cannot read properties of undefined (reading 'percent')",
    'SyntaxError: Unexpected token < in JSON at position 0',
    'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
    'java.lang.NullPointerException: Cannot invoke "Cart.total()" because "cart" is null',
    'java.lang.NumberFormatException: For input string: "x"',
    'panic: runtime error: index out of range [3] with length 3',
    'panic: runtime error: integer divide by zero',
    'strconv.Atoi: parsing "x": invalid syntax',
    "NoMethodError: undefined method `strip' for nil:NilClass",
    "NoMethodError: undefined method 'strip' for nil",
    'DivisionByZeroError: Division by zero',
    'Warning: Undefined array key "sku"',
    "System.FormatException: The input string 'x' was not in a correct format.",
    "System.Collections.Generic.KeyNotFoundException: The given key 'x' was not present in the dictionary.",
    'called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }',
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
  ],
}

const rows = Object.entries(told).flatMap(([kind, texts]) => (texts ?? []).map((text) => ({ kind, text })))

function kindOf(kind: LogKind): FindingKind | null {
  return classifySymptom(fingerprintOf(kind))?.kind ?? null
}

describe('what an error says', () => {
  test.each(rows)('$kind: $text', ({ kind, text }) => {
    expect(kindOf({ line: text })).toBe(kind)
  })

  test.each([
    'Completed 500 Internal Server Error in 12ms',
    'GET / 500 31.2 ms - 17',
    'connection pool timeout is 30 s',
    'AcmeError: operation failed',
    'retrying order 429 of 1000',
    'received 503 rows',
    'user 401 added to the cart',
  ])('nothing in: %s', (line) => {
    expect(kindOf({ line })).toBeNull()
  })

  test.each([
    ['INFO', 'pool timed out once, trying again: QueuePool limit of size', null],
    ['INFO', 'Memory cgroup out of memory: Killed process 2311 (node)', 'out-of-memory-error'],
    ['INFO', 'duration: 5012.333 ms  statement: SELECT 1', 'slow-query-logged'],
    ['INFO', 'duration: 12.333 ms  statement: SELECT 1', null],
    ['DEBUG', 'connect ECONNREFUSED 127.0.0.1:8080', null],
  ] as const)('%s lines count only where they are telling: %s', (severity, line, kind) => {
    expect(kindOf({ severity, line })).toBe(kind)
  })

  test('the root of a chain tells more than its wrappers', () => {
    expect(
      kindOf({
        exception: [
          'ServiceException: lookup failed',
          'java.io.IOException: wrapped',
          'java.net.UnknownHostException: pay',
        ],
      }),
    ).toBe('name-not-resolved')
  })

  test('no text makes it slow or fail', () => {
    const parts = fc.constantFrom(
      'connection ',
      'a'.repeat(50),
      '((((',
      'refused ',
      ' .',
      'env config ',
      'host ',
    )
    const slowest = fc.sample(fc.tuple(fc.string({ maxLength: 3000 }), parts), 60).map(([text, part]) => {
      const begun = performance.now()
      kindOf({ line: text + part.repeat(400) })
      return performance.now() - begun
    })
    expect(Math.max(...slowest)).toBeLessThan(250)
  })
})

test.each([
  ['connect ECONNREFUSED 10.0.0.7:8080', '10.0.0.7:8080'],
  ["HTTPSConnectionPool(host='api.example.com', port=443): Read timed out.", 'api.example.com:443'],
  ['connection to server at "db" (10.0.0.3), port 5432 failed', 'db:5432'],
  ['getaddrinfo ENOTFOUND pay.internal', 'pay.internal'],
  ['dial tcp 10.0.0.7:9000: connect: connection refused', '10.0.0.7:9000'],
  ['lookup pay on 10.0.0.2:53: no such host', 'pay'],
  ['429 Client Error for url: https://api.example.com/v1/x?key=1', 'api.example.com'],
  ['could not translate host name "db" to address', 'db'],
  ['postgresql://app:secret@db:5432/shop is gone', 'db:5432'],
  ['connection timed out (Background on this error at: https://sqlalche.me/e/20/3o7r)', null],
  ['Timed out fetching a connection. More info: http://pris.ly/d/connection-pool', null],
  ['nothing is named here', null],
])('the other side in: %s', (text, resource) => {
  expect(resourceIn(text)).toBe(resource)
})
