import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { DatabaseProbe } from '../database-probe.ts'
import type { DatabaseConnection } from './database-connection.ts'
import { openMysql } from './probe-mysql.ts'
import { openPostgresql } from './probe-postgresql.ts'

export type ProbeDeps = { readonly now: () => EpochMs; readonly signal: AbortSignal }

/** Where a database is, and as what it is shown. */
export type Place = {
  readonly engine: DatabaseProbe['engine']
  readonly url: string
  readonly target: string
  /** What must not be shown. */
  readonly secrets: readonly string[]
}

/** An open connection, or a probe that says why the server, which is there, let nobody in. */
export async function openDatabase(
  deps: ProbeDeps,
  place: Place,
): Promise<DatabaseConnection | DatabaseProbe> {
  deps.signal.throwIfAborted()
  try {
    return await connect(place)
  } catch (error) {
    if (isTooMany(error) || isNotReady(error)) return refusal(deps.now(), place, error)
    throw unreachable(place, error)
  }
}

/** Connects with the driver of the engine, or throws what it says. */
export function connect(place: Place): Promise<DatabaseConnection> {
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

/** The role, its password or its database is wrong: nothing is the matter with the server. */
export function isLoginRefused(error: unknown): boolean {
  const { code, errno } = details(error)
  return ['28P01', '28000', '3D000'].includes(code ?? '') || [1044, 1045, 1049, 1698].includes(errno ?? 0)
}

/** What a server that let nobody in looks like. */
export function refusal(at: EpochMs, place: Place, error: unknown): DatabaseProbe {
  return {
    at,
    engine: place.engine,
    target: place.target,
    version: null,
    connections: null,
    sessions: [],
    refused: { reason: wordsOf(place, error), tooManyConnections: isTooMany(error) },
  }
}

/** The error of a look that could not be taken; the password is not in it. */
export function unreachable(place: Place, error: unknown): AppError {
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

/** Reads a database URL; throws `USAGE` for one that is none, or of another engine. */
export function placeOf(text: string): Place {
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
