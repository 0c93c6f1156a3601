import type { IncomingMessage } from 'node:http'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Readable, Transform } from 'node:stream'
import { EngineError } from './engine-error.ts'

/** What ClickHouse's HTTP interface takes in the URL (clickhouse.com/docs/interfaces/http). */
export type EngineRequest = {
  /** The statement of the URL; '' where it is in the body. */
  readonly query: string
  readonly database: string
  readonly defaultFormat: string
  readonly queryId: string
  /** Values of `{name:Type}`, escaped as tab-separated text, as the protocol has them. */
  readonly parameters: ReadonlyMap<string, string>
  readonly settings: ReadonlyMap<string, string>
  readonly body: Readable
}

/** Parameters of the URL that are about the protocol, and no settings of the engine. */
const NO_SETTINGS = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'user',
  'password',
  'session_id',
  'session_timeout',
  'session_check',
  'quota_key',
  'role',
  'compress',
  'decompress',
  'enable_http_compression',
  'wait_end_of_query',
  'buffer_size',
  'http_headers_progress_interval_ms',
  'send_progress_in_http_headers',
  'cancel_http_readonly_queries_on_client_close',
])

/** Reads address, headers and encoding. Throws where a setting's name is none, or the encoding is not known. */
export function readRequest(request: IncomingMessage): EngineRequest {
  const { searchParams } = new URL(request.url ?? '/', 'http://engine')
  const parameters = new Map<string, string>()
  const settings = new Map<string, string>()
  for (const [name, value] of searchParams) {
    if (name.startsWith('param_')) parameters.set(name.slice(6), value)
    else if (!NO_SETTINGS.has(name)) settings.set(name, value)
  }
  for (const name of [...parameters.keys(), ...settings.keys()]) {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw new EngineError(
        115,
        `Setting ${name} is neither a builtin setting nor a valid name`,
        'UNKNOWN_SETTING',
      )
    }
  }
  return {
    query: searchParams.get('query') ?? '',
    database: searchParams.get('database') ?? header(request, 'x-clickhouse-database') ?? 'default',
    defaultFormat:
      searchParams.get('default_format') ?? header(request, 'x-clickhouse-format') ?? 'TabSeparated',
    queryId: searchParams.get('query_id') ?? '',
    parameters,
    settings,
    body: decoded(request),
  }
}

/** Name and password, from wherever the protocol allows them. */
export function credentialsOf(request: IncomingMessage): { user: string; password: string } {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString().split(':')
    return { user, password: password.join(':') }
  }
  const { searchParams } = new URL(request.url ?? '/', 'http://engine')
  return {
    user: header(request, 'x-clickhouse-user') ?? searchParams.get('user') ?? 'default',
    password: header(request, 'x-clickhouse-key') ?? searchParams.get('password') ?? '',
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

function decoded(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase()
  const decoders = new Map<string, () => Transform>([
    ['gzip', createGunzip],
    ['deflate', createInflate],
    ['br', createBrotliDecompress],
    ['zstd', createZstdDecompress],
  ])
  if (encoding === 'identity') return request
  const decoder = decoders.get(encoding)?.()
  if (decoder === undefined) {
    throw new EngineError(
      44,
      `Unknown compression method ${encoding}: gzip, deflate, br or zstd`,
      'UNKNOWN_COMPRESSION_METHOD',
    )
  }
  request.on('error', (error) => decoder.destroy(error))
  return request.pipe(decoder)
}
