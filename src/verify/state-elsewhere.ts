import { readFile, stat } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import { isWithin } from './moved-paths.ts'
import type { Invocation } from './moved-paths.ts'

export type StateQuestion = {
  /** As it will run, in the copy. */
  readonly invocation: Invocation
  /** The copy. */
  readonly root: string
  /** Paths of the copy's files, relative to it. */
  readonly files: readonly string[]
  /** `host:port` of what the program was seen connected to. */
  readonly outbound: readonly string[]
  /** Files outside the work tree that the program was seen to write. */
  readonly writes: readonly string[]
}

/**
 * What a program writes to, besides files of its own work tree; null where nothing of that kind can be seen. A request
 * that writes is sent to a copy only then: nobody's data may be changed by an experiment. In doubt, there is something.
 */
export async function stateElsewhere(question: StateQuestion): Promise<string | null> {
  const [connection] = question.outbound
  if (connection !== undefined) return `it was seen connected to ${connection}`
  const [written] = question.writes
  if (written !== undefined) return `it was seen writing ${written}`
  const { command, env } = question.invocation
  const argument = command.find((word) => DATABASE_URL.test(word))
  if (argument !== undefined) return 'an argument names a database or another server'
  for (const [name, value = ''] of Object.entries(env)) {
    const doubt = doubtAbout(name, value, question.root)
    if (doubt === 'none') continue
    if (doubt === 'surely' || (await isMentioned(name, question))) {
      return `${name} names a database, a server or a folder elsewhere`
    }
  }
  return namedInFiles(question)
}

/** Databases, queues and caches that are reached over a network; SQLite and H2 in a file are none. */
const DATABASE_URL =
  /\b(?:jdbc:(?!sqlite|h2:(?:file|mem|\.|~|\/)|hsqldb:(?:file|mem))[a-z0-9]+:|(?:postgres(?:ql)?|pgsql|mysqlx?|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|cockroach(?:db)?|clickhouse|cassandra|neo4j|bolt|kafka|nats|memcached?|couchdb|libsql|cockroachdb|s3|ftp|smtp|ldap)(?:\+[\w-]+)?:\/\/)/i
/** Read by client libraries themselves, whether the source names them or not. */
const DATABASE_NAME =
  /^(?:PGHOST|PGHOSTADDR|PGSERVICE|(?:.*_)?(?:DB|DATABASE|MYSQL|MARIADB|POSTGRES(?:QL)?|PG|MONGO(?:DB)?|REDIS|AMQP|RABBIT(?:MQ)?|KAFKA|MEMCACHED?|ELASTIC(?:SEARCH)?|CLICKHOUSE|CASSANDRA)_?(?:[A-Z0-9]+_)*(?:HOSTNAME|HOST|URL|URI|DSN|ADDR|ADDRESS|SERVERS?|ENDPOINT|BROKERS?))$/i
/** An environment is full of these: they count where the source names them. */
const SERVICE_NAME = /(?:^|_)(?:HOSTNAME|HOST|URL|URI|DSN|ADDR|ADDRESS|SERVERS?|ENDPOINT|BROKERS?|BASE)$/i
const OWN_ADDRESS =
  /^(?:HOST|HOSTNAME|BIND|ADDR|ADDRESS|LISTEN.*|.*(?:BIND|LISTEN|WEB|RUN|SERVER)_(?:HOST|ADDR|ADDRESS))$/i
const FOLDER_NAME =
  /(?:^|_)(?:DB|DATABASE|DATA|STORAGE|UPLOADS?|STATE|QUEUE|SQLITE|STORE)(?:_?(?:DIR|PATH|FILE|ROOT|NAME|URL|HOME))?$/i

type Doubt = 'surely' | 'if-mentioned' | 'none'

function doubtAbout(name: string, value: string, root: string): Doubt {
  if (value === '') return 'none'
  if (DATABASE_URL.test(value)) return 'surely'
  const file = /^(?:sqlite[\w+]*:\/{2,3}|file:(?:\/\/)?|jdbc:sqlite:)?(.*)$/i.exec(value)?.[1] ?? value
  if (isAbsolute(file)) return FOLDER_NAME.test(name) && !isWithin(root, file) ? 'if-mentioned' : 'none'
  if (/^(?:sqlite|file|jdbc|memory|\.)/i.test(value)) return 'none'
  if (DATABASE_NAME.test(name)) return 'surely'
  return SERVICE_NAME.test(name) && !OWN_ADDRESS.test(name) ? 'if-mentioned' : 'none'
}

const MAX_SOURCES = 3_000

async function isMentioned(name: string, { root, files }: StateQuestion): Promise<boolean> {
  for (const file of files.slice(0, MAX_SOURCES)) {
    const text = await readSmall(join(root, file))
    if (text.includes(name)) return true
  }
  return false
}

async function readSmall(path: string): Promise<string> {
  const info = await stat(path).catch(() => null)
  if (info === null || !info.isFile() || info.size > MAX_BYTES) return ''
  return readFile(path, 'utf8').catch(() => '')
}

const SETTINGS =
  /^(?:\.env(?:\..*)?|.*\.(?:ya?ml|toml|ini|cfg|conf|properties|env|json|exs?)|settings.*\.py|config.*\.(?:py|js|ts|mjs|cjs|rb|php)|database\.\w+)$/i
const NO_SETTINGS = /^(?:package-lock\.json|composer\.lock|.*\.schema\.json|tsconfig.*\.json)$/i
const MANIFEST =
  /^(?:package\.json|requirements.*\.txt|pyproject\.toml|Pipfile|setup\.(?:py|cfg)|go\.mod|Gemfile|pom\.xml|build\.gradle(?:\.kts)?|composer\.json|Cargo\.toml|.*\.csproj)$/i
/** Client libraries of servers that keep state, by the names that package managers know. */
const CLIENT =
  /(?:^|[\s"'/:@>])(pg|pg-promise|postgres|mysql2?|mongodb|mongoose|redis|ioredis|amqplib|kafkajs|nodemailer|stripe|psycopg(?:2(?:-binary)?)?|asyncpg|pymysql|mysqlclient|mysql-connector(?:-python|-java|-j)?|pymongo|aioredis|pika|boto3|celery|lib\/pq|pgx|go-sql-driver\/mysql|go-redis|mongo-driver|sarama|postgresql|mongo|jedis|lettuce-core|npgsql|MySqlConnector|StackExchange\.Redis|tokio-postgres|predis|aws-sdk|client-(?:s3|sqs|sns|dynamodb))(?=[\s"'/:@<>=~^!,;[\]]|\.git|$)/im
const MAX_FILES = 400
const MAX_BYTES = 256 * 1024

async function namedInFiles({ root, files }: StateQuestion): Promise<string | null> {
  const looked = files.filter((file) => isLookedAt(basename(file))).slice(0, MAX_FILES)
  for (const file of looked) {
    const text = await readSmall(join(root, file))
    if (DATABASE_URL.test(text)) return `${file} names a database or another server`
    const client = MANIFEST.test(basename(file)) ? CLIENT.exec(text)?.[1] : undefined
    if (client !== undefined) return `${file} asks for ${client}, which talks to a server`
  }
  return null
}

function isLookedAt(name: string): boolean {
  return MANIFEST.test(name) || (SETTINGS.test(name) && !NO_SETTINGS.test(name))
}
