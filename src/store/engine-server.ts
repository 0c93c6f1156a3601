import { randomUUID, timingSafeEqual, createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { answerHeaders, sendChunks, sendFailure } from './engine-answer.ts'
import { EngineError } from './engine-error.ts'
import { credentialsOf, readRequest } from './engine-request.ts'
import type { EngineRequest } from './engine-request.ts'
import type { EngineSessions } from './engine-sessions.ts'
import { dataOffset, insertFromFile, placeholdersOf, readStatement } from './engine-statement.ts'
import type { Statement } from './engine-statement.ts'

type Engine = {
  readonly sessions: EngineSessions
  /** Where the data of inserts waits for the engine; emptied at the start. */
  readonly incoming: string
  readonly password: string
}

/** Statements, and the part of a body in which one may stand in front of data. */
const MAX_STATEMENT_BYTES = 4 << 20

/**
 * ClickHouse's HTTP interface in front of the engine in this process, as far as its clients need it.
 *
 *   POST /?query=INSERT…FORMAT X   body ─► file ─► INSERT … FROM INFILE      (bounded memory, any format)
 *   POST /                         SELECT … ─► rows as they come, or the whole answer
 *   GET  /ping                     Ok.
 *   GET  /process                  id and memory of the process; ours alone
 */
export function createEngineServer(engine: Engine): Server {
  return createServer((request, response) => {
    response.on('error', () => {})
    handle(engine, request, response).catch((error: unknown) => sendFailure(response, error))
  })
}

async function handle(engine: Engine, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (message.url ?? '/').split('?')[0]
  if (path === '/ping') return void response.writeHead(200).end('Ok.\n')
  if (!isAllowed(credentialsOf(message), engine.password)) {
    throw new EngineError(
      516,
      'default: Authentication failed: password is incorrect',
      'AUTHENTICATION_FAILED',
    )
  }
  if (path === '/process') {
    const { rss } = process.memoryUsage()
    return void response.writeHead(200).end(JSON.stringify({ pid: process.pid, residentBytes: rss }))
  }
  const request = readRequest(message)
  const queryId = request.queryId === '' ? randomUUID() : request.queryId
  const { statement, data } = await separate(request)
  requireParameters(statement, request)
  if (statement.kind === 'insert') return insert({ engine, request, queryId, response }, statement, data)
  return ask({ engine, request, queryId, response }, statement)
}

type Exchange = {
  readonly engine: Engine
  readonly request: EngineRequest
  readonly queryId: string
  readonly response: ServerResponse
}

/** Hashed, so that the comparison takes as long for a short guess as for a long one. */
function isAllowed({ user, password }: { user: string; password: string }, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return user === 'default' && timingSafeEqual(hash(password), hash(expected))
}

/** Statement and data: the one in the URL or at the beginning of the body, the other what is left. */
async function separate(
  request: EngineRequest,
): Promise<{ statement: Statement; data: AsyncIterable<Uint8Array> }> {
  const fromUrl = readStatement(request.query, request.defaultFormat)
  if (request.query !== '' && fromUrl.kind === 'insert') return { statement: fromUrl, data: request.body }
  const parts: Buffer[] = []
  let bytes = 0
  const chunks = (request.body as Readable & AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    parts.push(next.value)
    bytes += next.value.length
    const split = request.query === '' ? dataOffset(Buffer.concat(parts).toString('latin1')) : null
    if (split !== null && split.head.endsWith('\n')) {
      const statement = readStatement(split.head, request.defaultFormat)
      return { statement, data: rest(Buffer.concat(parts).subarray(split.offset), chunks) }
    }
    if (bytes > MAX_STATEMENT_BYTES) {
      throw new EngineError(62, `Max query size exceeded: ${MAX_STATEMENT_BYTES} bytes`, 'SYNTAX_ERROR')
    }
  }
  const text = [request.query, Buffer.concat(parts).toString()].filter((part) => part !== '').join('\n')
  if (text.trim() === '') throw new EngineError(62, 'Empty query', 'SYNTAX_ERROR')
  return { statement: readStatement(text, request.defaultFormat), data: rest(Buffer.alloc(0), chunks) }
}

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
}

/** The session remembers the parameters of statements before: one that is missing must not take theirs. */
function requireParameters(statement: Statement, { parameters }: EngineRequest): void {
  if (statement.kind === 'insert') return
  for (const name of placeholdersOf(statement.sql)) {
    if (!parameters.has(name)) {
      throw new EngineError(456, `Substitution \`${name}\` is not set`, 'UNKNOWN_QUERY_PARAMETER')
    }
  }
}

async function insert(
  { engine, request, queryId, response }: Exchange,
  statement: Statement & { kind: 'insert' },
  data: AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = join(engine.incoming, randomUUID())
  try {
    await pipeline(data, createWriteStream(file, { flags: 'wx', mode: 0o600, highWaterMark: 1 << 20 }))
    const done = await engine.sessions.use(request, (session) =>
      session.queryAsync(insertFromFile(statement, file)),
    )
    const summary = {
      readRows: done.rowsRead,
      readBytes: done.bytesRead,
      elapsedNs: Math.round(done.elapsed * 1e9),
    }
    response.writeHead(200, answerHeaders(queryId, statement.format, summary)).end()
  } finally {
    await rm(file, { force: true })
  }
}

async function ask(
  { engine, request, queryId, response }: Exchange,
  statement: Statement & { kind: 'rows' | 'whole' },
): Promise<void> {
  const { sql, format } = statement
  await engine.sessions.use(request, async (session) => {
    if (statement.kind === 'rows') {
      const headers = answerHeaders(queryId, format)
      return sendChunks(response, headers, session.queryStream(sql, { format }))
    }
    const result = await session.queryAsync(sql, { format })
    const summary = {
      readRows: result.rowsRead,
      readBytes: result.bytesRead,
      elapsedNs: Math.round(result.elapsed * 1e9),
    }
    return void response.writeHead(200, answerHeaders(queryId, format, summary)).end(result.bytes())
  })
}
