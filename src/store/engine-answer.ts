import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import { describeFailure } from './engine-error.ts'

const CONTENT_TYPES = new Map([
  ['JSONEachRow', 'application/x-ndjson; charset=UTF-8'],
  ['JSONCompactEachRow', 'application/x-ndjson; charset=UTF-8'],
  ['JSON', 'application/json; charset=UTF-8'],
  ['CSV', 'text/csv; charset=UTF-8; header=absent'],
  ['Native', 'application/octet-stream'],
  ['RowBinary', 'application/octet-stream'],
])

export type Summary = { readonly readRows: number; readonly readBytes: number; readonly elapsedNs: number }

/** The headers that clients of the protocol look at. */
export function answerHeaders(queryId: string, format: string, summary?: Summary): Record<string, string> {
  return {
    'Content-Type': CONTENT_TYPES.get(format) ?? 'text/tab-separated-values; charset=UTF-8',
    'X-ClickHouse-Server-Display-Name': 'firebreak-engine',
    'X-ClickHouse-Query-Id': queryId,
    'X-ClickHouse-Format': format,
    'X-ClickHouse-Timezone': 'UTC',
    ...(summary === undefined ? {} : { 'X-ClickHouse-Summary': summaryText(summary) }),
  }
}

function summaryText({ readRows, readBytes, elapsedNs }: Summary): string {
  return JSON.stringify({
    read_rows: String(readRows),
    read_bytes: String(readBytes),
    written_rows: String(readRows),
    written_bytes: String(readBytes),
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: String(elapsedNs),
  })
}

/** Sends what `chunks` yields as it comes; a slow reader holds the engine back. Throws before the first byte only. */
export async function sendChunks(
  response: ServerResponse,
  headers: Record<string, string>,
  chunks: AsyncIterable<{ raw(): Uint8Array }>,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (response.destroyed) return
      if (!response.headersSent) response.writeHead(200, headers)
      if (!response.write(chunk.raw())) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
  } catch (error) {
    if (!response.headersSent) throw error
    // As the server does when it fails half-way: the reader must not take what it has for the whole.
    response.write(`\n${describeFailure(error).message}\n`)
    response.destroy()
    return
  }
  if (!response.headersSent) response.writeHead(200, headers)
  response.end()
}

export function sendFailure(response: ServerResponse, error: unknown): void {
  const { code, message, status } = describeFailure(error)
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(code),
    Connection: 'close', // the rest of the body, if there is one, is not read
  })
  response.end(`${message}\n`)
}
