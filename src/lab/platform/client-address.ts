import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** Who asks, as the edge network in front of the shop says. It reaches us from this machine, where nobody else does. */
export function clientAddress(req: IncomingMessage): string {
  const remote = req.socket.remoteAddress ?? '-'
  const said = req.headers['x-forwarded-for']
  const first = typeof said === 'string' ? (said.split(',', 1)[0] ?? '').trim() : ''
  return isLoopback(remote) && isIP(first) > 0 ? first : remote
}

/** What is sent on: who asked, and who passed it on. */
export function forwardedFor(req: IncomingMessage): string {
  const client = clientAddress(req)
  const remote = req.socket.remoteAddress ?? '-'
  return client === remote ? client : `${client}, ${remote}`
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.')
}
