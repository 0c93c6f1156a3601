import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { constants, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Ticket } from './admission.ts'

/** A whole body, or why there is none. `gone`: the sender went away; there is nobody to answer. */
export type Body =
  | { readonly kind: 'body'; readonly bytes: Buffer; readonly received: number }
  | { readonly kind: 'too-large' | 'no-room' | 'gone' }
  | { readonly kind: 'undecodable'; readonly reason: string }

export const CONTENT_ENCODINGS = ['gzip', 'deflate', 'zstd'] as const
export type ContentEncoding = (typeof CONTENT_ENCODINGS)[number]

/** The window of a zstd frame is memory that its sender chooses: 8 MB, what RFC 8878 asks of every decoder. */
const ZSTD_WINDOW_LOG = 23

function decompressor(encoding: ContentEncoding): Transform {
  if (encoding === 'gzip') return createGunzip()
  if (encoding === 'deflate') return createInflate()
  return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })
}

/**
 * Reads a body as it comes, inflated where it is compressed, and stops at the limit: a bomb costs the limit and not
 * more. What is left of a refused body is let go unread, so that the answer reaches its sender.
 */
export async function readBody(
  request: IncomingMessage,
  ticket: Ticket,
  { encoding, limit }: { encoding: ContentEncoding | null; limit: number },
): Promise<Body> {
  const inflate = encoding === null ? null : decompressor(encoding)
  const chunks: Buffer[] = []
  let received = 0
  let size = 0
  const outcome = await new Promise<Body['kind']>((resolve) => {
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > limit) resolve('too-large')
      else if (!ticket.grow(chunk.length)) resolve('no-room')
    }
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (inflate === null) take(chunk)
      else if (received > limit) resolve('too-large')
      else if (!inflate.write(chunk)) {
        request.pause()
        inflate.once('drain', () => request.resume())
      }
    })
    request.on('end', () => (inflate === null ? resolve('body') : inflate.end()))
    request.on('close', () => request.complete || resolve('gone'))
    request.on('error', () => resolve('gone'))
    inflate?.on('data', take)
    inflate?.on('end', () => resolve('body'))
    inflate?.on('error', () => resolve('undecodable'))
  })
  inflate?.destroy()
  request.removeAllListeners('data')
  request.resume()
  if (outcome === 'body') return { kind: 'body', bytes: joined(chunks), received }
  if (outcome === 'undecodable')
    return { kind: outcome, reason: `expected a body in ${encoding}, found other bytes` }
  return { kind: outcome }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}
