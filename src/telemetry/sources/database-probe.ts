import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { DatabaseProbe } from '../database-probe.ts'
import type { DatabaseConnection } from './database-connection.ts'
import { openMysql } from './probe-mysql.ts'
import { openPostgresql } from './probe-postgresql.ts'

export type ProbeDeps = { readonly now: () => EpochMs; readonly signal: AbortSignal }

/** Looks at a database every so often until it is stopped; holds one connection. */
export type DatabaseWatch = {
  /** What was seen so far, oldest first. */
  probes(): readonly DatabaseProbe[]
  /** Ends the connection; one last look is not taken. */
  stop(): Promise<readonly DatabaseProbe[]>
}

type Place = {
  readonly engine: DatabaseProbe['engine']
  readonly url: string
  readonly target: string
  /** What must not be shown. */
  readonly secrets: readonly string[]
}

/**
 * One look at the database of a `postgresql://`, `mysql://` or `mariadb://` URL: connections against the limit,
 * sessions by state and age, who blocks whom. Reads only, within seconds. A server that refuses for want of
 * connections, or because it starts or stops, is an answer (`refused`); a wrong password or address is
 * `DATABASE_UNREACHABLE`. The password is in no message.
 */
export async function probeDatabase(deps: ProbeDeps, url: string): Promise<DatabaseProbe> {
  const place = placeOf(url)
  const opened = await open(deps, place)
  if ('refused' in opened) return opened
  const close = () => void opened.close().catch(() => {})
  deps.signal.addEventListener('abort', close, { once: true })
  try {
    return await opened.look(deps.now())
  } catch (error) {
    throw unreachable(place, error)
  } finally {
    deps.signal.removeEventListener('abort', close)
    await opened.close().catch(() => {})
  }
}

/**
 * Looks at once and then every `everyMs`. It is started before the load, so that it has its connection when there
 * are none left; when the server breaks it off, that is a probe too (`refused`), and it tries again each time.
 */
export async function watchDatabase(deps: ProbeDeps, url: string, everyMs = 2000): Promise<DatabaseWatch> {
  const place = placeOf(url)
  const probes: DatabaseProbe[] = []
  const first = await open(deps, place)
  let connection: DatabaseConnection | null = null
  if ('refused' in first) probes.push(first)
  else connection = first
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false

  const lookOnce = async (): Promise<void> => {
    try {
      connection ??= await connect(place)
      keep(probes, await connection.look(deps.now()))
    } catch (error) {
      keep(probes, refusal(deps, place, error))
      await connection?.close().catch(() => {})
      connection = null
    }
  }
  const look = () => {
    // A look that takes longer than the interval is not overtaken by the next.
    if (isLooking) return
    isLooking = true
    looking = lookOnce().finally(() => (isLooking = false))
  }
  if (connection !== null) {
    look()
    await looking
  }
  const timer = setInterval(look, everyMs)
  timer.unref()

  const stop = async (): Promise<readonly DatabaseProbe[]> => {
    clearInterval(timer)
    deps.signal.removeEventListener('abort', abandon)
    await looking
    await connection?.close().catch(() => {})
    connection = null
    return probes
  }
  const abandon = () => void stop()
  deps.signal.addEventListener('abort', abandon, { once: true })
  return { probes: () => probes, stop }
}

const MOST_PROBES = 600

/** Bounded: past the limit every other one of the older half is forgotten. */
function keep(probes: DatabaseProbe[], probe: DatabaseProbe): void {
  probes.push(probe)
  if (probes.length <= MOST_PROBES) return
  const half = probes.length / 2
  const kept = probes.filter((_, index) => index >= half || index % 2 === 0)
  probes.splice(0, probes.length, ...kept)
}

/** An open connection, or a probe that says why the server, which is there, let nobody in. */
async function open(deps: ProbeDeps, place: Place): Promise<DatabaseConnection | DatabaseProbe> {
  deps.signal.throwIfAborted()
  try {
    return await connect(place)
  } catch (error) {
    if (isTooMany(error) || isNotReady(error)) return refusal(deps, place, error)
    throw unreachable(place, error)
  }
}

function connect(place: Place): Promise<DatabaseConnection> {
  return (place.engine === 'postgresql' ? openPostgresql : openMysql)(place.url, place.target)
}

/** `53300` and MySQL's 1040, 1203, 1226; a role's and a database's own limit come as 53300 too. */
function isTooMany(error: unknown): boolean {
  const { code, errno } = details(error)
  return code === '53300' || [1040, 1203, 1226].includes(errno ?? 0)
}

/** Starting up, shutting down, in recovery (57P03, 57P01); MySQL: shutting down (1053). */
function isNotReady(error: unknown): boolean {
  const { code, errno } = details(error)
  return code === '57P03' || code === '57P01' || errno === 1053
}

function refusal(deps: ProbeDeps, place: Place, error: unknown): DatabaseProbe {
  return {
    at: deps.now(),
    engine: place.engine,
    target: place.target,
    version: null,
    connections: null,
    sessions: [],
    refused: { reason: wordsOf(place, error), tooManyConnections: isTooMany(error) },
  }
}

function unreachable(place: Place, error: unknown): AppError {
  const words = wordsOf(place, error)
  // The driver's error itself is not handed on as the cause: it may carry the URL with its password.
  return new AppError(
    'DATABASE_UNREACHABLE',
    `expected to look at ${place.target}, but it answered: ${words}`,
    {
      hint: 'check host, port, user and password of --db; the probe needs no more than the right to log in',
    },
  )
}

function details(error: unknown): { readonly code?: string; readonly errno?: number } {
  return typeof error === 'object' && error !== null ? error : {}
}

function wordsOf(place: Place, error: unknown): string {
  // Node tries all addresses of a name: the message of the whole is empty then.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const text = first instanceof Error ? first.message || details(first).code || first.name : String(first)
  // Whole words only: a password of one letter would hide half of the message.
  return place.secrets.reduce(
    (shown, secret) =>
      shown.replaceAll(
        new RegExp(`(?<!\\w)${secret.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\w)`, 'g'),
        '***',
      ),
    text,
  )
}

const engines: Readonly<Record<string, DatabaseProbe['engine']>> = {
  'postgresql:': 'postgresql',
  'postgres:': 'postgresql',
  'mysql:': 'mysql',
  'mariadb:': 'mariadb',
}

function placeOf(text: string): Place {
  const wrong = (found: string) =>
    new AppError(
      'USAGE',
      `expected a database URL such as postgresql://user@host:5432/name or mysql://…, found ${found}`,
    )
  if (!URL.canParse(text)) throw wrong('something that is no URL')
  const url = new URL(text)
  const engine = engines[url.protocol] ?? null
  if (engine === null) throw wrong(`one that begins with ${url.protocol}//`)
  const host = url.host === '' ? (url.searchParams.get('host') ?? 'localhost') : url.host
  const secrets = [url.password, decodeURIComponent(url.password), url.searchParams.get('password') ?? '']
  return {
    engine,
    url: text,
    target: `${url.protocol}//${host}${url.pathname}`,
    secrets: secrets.filter((secret) => secret !== ''),
  }
}
