import type { WireRequest } from './http-connection.ts'
import type { ShopRequest } from './shop-request.ts'

/** Who asks, as the network in front of the shop passes it on. */
export type Sender = { readonly client: string; readonly agent: string }

export function toWireRequest(host: string, request: ShopRequest, sender: Sender): WireRequest {
  const { method, path, body, readsAnswer } = request
  const head =
    `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: ${sender.agent}\r\n` +
    `x-forwarded-for: ${sender.client}\r\naccept: application/json\r\n`
  const text =
    body === null
      ? `${head}\r\n`
      : `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  return { text, isIdempotent: method === 'GET', keepsBody: readsAnswer }
}
