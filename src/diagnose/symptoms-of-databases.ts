import type { SymptomRule } from './symptom-rule.ts'

/**
 * What database servers, drivers and pools say. Sources: PostgreSQL appendix A (SQLSTATE), MySQL and MariaDB server
 * error reference, and the drivers' own messages. A flat table, most specific first.
 */
export const databaseSymptoms: readonly SymptomRule[] = [
  {
    kind: 'connection-leak-reported',
    once: true,
    pattern:
      /connection leak (?:detect|trigger|found)|apparent connection leak|potential connection leak|non-checked-in connection|was leaked\. Did you forget to close|unclosed (?:connection|client session)|ResourceWarning: unclosed|connection has been abandoned|PooledConnection has been (?:abandoned|finalized)|leaked connection/i,
  },
  {
    kind: 'too-many-connections',
    pattern:
      /too many clients already|remaining connection slots are reserved|too many connections(?! to redis)|max_user_connections|max_connections_per_hour|has exceeded the '\w+' resource|ER_CON_COUNT_ERROR|ER_TOO_MANY_USER_CONNECTIONS|ORA-00018|ORA-00020|ORA-12519|ORA-12516|max number of clients reached|max_client_conn|SQLSTATE\[08004\]|connection limit exceeded|number of (?:user )?connections (?:exceeds|is limited)|TooManyConnections|\b53300\b/i,
  },
  {
    kind: 'pool-timed-out',
    pattern:
      /QueuePool limit of size|acqui(?:re|sition) ?time-?out|request was dropped from queue after|Timeout acquiring a connection|timeout exceeded when trying to connect|Connection is not available, request timed out|Pool empty\. Unable to fetch a connection|PoolExhaustedException|Cannot get a connection, pool error|checkout a Connection has timed out|connection pool (?:has been |is |was )?exhausted|pool exhausted|obtaining a connection from the pool|obtain a connection from the pool|all pooled connections were in use|couldn't get a connection after|PoolTimeout\b|new connection from the connection pool|\bP2024\b|timed out waiting for connection|waiting for a slot to become available|pool timed out while waiting|checking out a connection from|WaitQueueTimeout|retrieve (?:a )?connection from pool|waiting for (?:a )?(?:free |available )?connection from (?:the )?pool|ResourceRequest timed out|ConnectionAcquireTimeoutError|Queue limit reached|No connections? available(?: in (?:the )?pool)?|pool is (?:probably )?full\. Are you|Unable to (?:acquire|check ?out) (?:a )?(?:JDBC )?connection|waited \d+ ?ms for a (?:free )?connection|(?:acquire|acquiring|waiting for) (?:a )?(?:db |database )?connection.{0,40}(?:timed? ?out|timeout|deadline exceeded)|pool(?:ed)? connections? (?:are )?(?:all )?(?:in use|busy)/i,
  },
  {
    kind: 'idle-transaction-ended',
    once: true,
    pattern: /idle-in-transaction (?:session )?timeout|IdleInTransactionSessionTimeout|\b25P03\b/i,
  },
  {
    kind: 'lock-wait-error',
    pattern:
      /Lock wait timeout exceeded|Deadlock found when trying|deadlock detected|due to lock timeout|could not obtain lock on|LockNotAvailable|DeadlockDetected|database (?:table )?is locked|SQLITE_BUSY|ORA-00060|ORA-00054|deadlocked on .*lock|Lock request time ?out|could not serialize access|can't serialize access|serialization failure|LockAcquisitionException|CannotAcquireLock|DeadlockLoserDataAccess|PessimisticLock|ActiveRecord::(?:LockWaitTimeout|Deadlocked)|still waiting for \w+ on|ER_LOCK_(?:WAIT_TIMEOUT|DEADLOCK)|WriteConflict/i,
    quiet: true,
  },
  {
    kind: 'statement-timed-out',
    pattern:
      /due to statement timeout|Lost connection to (?:MySQL |MariaDB )?server during query.{0,60}time|maximum statement execution time|max_statement_time|Query read timeout|QueryTimeoutException|SQLTimeoutException|prior to completion of the operation|Execution Timeout Expired|ORA-01013|PROTOCOL_SEQUENCE_TIMEOUT|query (?:execution )?timed? ?out|Query inactivity timeout|ActiveRecord::(?:StatementTimeout|QueryCanceled)|QueryCanceled\b|StatementTimeout|statement cancell?ed due to|Statement cancelled due to timeout|MaxTimeMSExpired|exceeded time limit/i,
  },
  {
    kind: 'slow-query-logged',
    quiet: true,
    pattern:
      /\bduration: \d{4,}(?:\.\d+)? ms\b|# Query_time: (?:[1-9]|0\.[5-9])|\bslow (?:sql )?query\b|\bslow sql\b|Slow query detected|long[- ]running query|\bquery took \d{4,} ?ms|\bquery took (?:[2-9]|\d\d)(?:\.\d+)? ?s/i,
  },
  {
    kind: 'schema-mismatch-error',
    pattern:
      /relation "[^"]+" does not exist|column "?[\w.]+"? (?:of relation "[^"]+" )?does not exist|Table '[^']+' doesn't exist|Unknown column '|no such (?:table|column):|Undefined(?:Table|Column)\b|Invalid (?:object|column) name '|ORA-00942|ORA-00904|PendingMigrationError|migrations are pending|unapplied migration|Base table or view not found|Column not found:|ER_NO_SUCH_TABLE|ER_BAD_FIELD_ERROR|Migration checksum mismatch|Validate failed: Migrations have failed|Schema-validation: missing/i,
  },
  {
    kind: 'authentication-error',
    pattern:
      /password authentication failed|Access denied for user|no pg_hba\.conf entry|role "[^"]+" does not exist|Login failed for user '|ORA-01017|\bNOAUTH\b|\bWRONGPASS\b|invalid username-password pair|ER_ACCESS_DENIED|SCRAM authentication|SASL authentication failed|Authentication failed.*(?:mongo|code 18)|client password must be a string|fe_sendauth: no password|InvalidPassword\b|InvalidAuthorizationSpecification/i,
  },
  {
    kind: 'name-not-resolved',
    pattern: /could not translate host name|Unknown (?:MySQL |MariaDB )?server host|ER_UNKNOWN_HOST/i,
  },
  {
    kind: 'database-unreachable-error',
    pattern:
      /database system is (?:shutting down|starting up|in recovery|not yet accepting)|due to administrator command|because of crash of another server process|server closed the connection unexpectedly|Can't connect to (?:local )?(?:MySQL |MariaDB )?server|Lost connection to (?:MySQL )?server|server has gone away|could not connect to (?:the )?(?:database )?server|Is the server running (?:on that host|locally)|connection to server (?:at|on) .{1,200}failed|Communications link failure|Connection to \S{1,120} refused\. Check that|PG::ConnectionBad|SQLSTATE\[HY000\] \[2002\]|ServerSelection(?:Timeout)?Error|Connection terminated unexpectedly|instance-specific error occurred while establishing|ORA-12541|ORA-03113|ORA-12514|ORA-01034|Can't reach database server|(?:ECONNREFUSED|ETIMEDOUT|refused|dial tcp|Failed to connect to)\D.{0,80}:(?:5432|3306|1433|1521|27017|6432|5433)\b|:(?:5432|3306|1433|1521|27017)\b.{0,60}(?:refused|no route|unreachable)|CannotCreateTransactionException|terminating connection due to (?:conflict|unexpected)|read-only transaction|--read-only option so it cannot execute|the database is not (?:available|accessible)|PROTOCOL_CONNECTION_LOST/i,
  },
]
