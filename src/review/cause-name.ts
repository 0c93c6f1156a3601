/** Causes whose id alone does not read well in a title. Others read as their words do. */
const NAMES: Readonly<Record<string, string>> = {
  'nondeterministic-failure': 'code that fails by chance',
  'bad-release': 'a bad release',
  'unhandled-input': 'input that the code does not expect',
  'connection-leak': 'a connection leak',
  'pool-too-small': 'a connection pool that is too small',
  'connections-exhausted': 'database connections exhausted',
  'slow-query': 'a slow query',
  'missing-index': 'a missing index',
  'idle-in-transaction': 'sessions idle in transaction',
  'database-down': 'the database is down',
  'schema-mismatch': 'code and database schema do not match',
  'dependency-down': 'a dependency is down',
  'dependency-slow': 'a dependency is slow',
  'name-resolution': 'a host name does not resolve',
  'certificate-expired': 'an expired certificate',
  'certificate-untrusted': 'a certificate that is not trusted',
  'rate-limited': 'a rate limit reached',
  'memory-leak': 'a memory leak',
  'out-of-memory': 'out of memory',
  'disk-full': 'a full disk',
  'instance-down': 'an instance is down',
  'traffic-surge': 'a surge of traffic',
}

/** A cause's id in words: `connection-leak` is `a connection leak`. */
export function causeName(cause: string): string {
  return NAMES[cause] ?? cause.replaceAll('-', ' ')
}
