import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'
import { once } from 'node:events'
import type { Toxic } from './lab-system.ts'

/**
 * A stretch of network that can be made to fail: bytes pass between a caller and a service, and a toxic says what
 * happens to what the service sends back.
 *
 *     app ──► :listen [ wire ] ──► :target service
 *         ◄── delayed, throttled, held or reset ──┘
 */
export type WireProxy = {
  listen(): Promise<void>
  /** Resolves when it holds for open connections and for new ones. */
  set(toxic: Toxic | null): Promise<void>
  close(): Promise<void>
}

type Ends = { readonly host: string; readonly listenPort: number; readonly targetPort: number }

type Connection = {
  readonly caller: Socket
  readonly service: Socket
  /** Which share of all connections it belongs to, 0–1. */
  readonly lot: number
  /** Bytes on their way back, each not before its time. */
  readonly held: { readonly bytes: Buffer; readonly dueAt: number }[]
  timer: NodeJS.Timeout | null
}

/** Golden-ratio steps: any share of successive connections is close to what was asked. */
const LOT_STEP = 0.618_033_988_75

export function createWire(ends: Ends): WireProxy {
  const connections = new Set<Connection>()
  let toxic: Toxic | null = null
  let server: Server | null = null
  let lot = 0

  const feels = (connection: Connection): boolean =>
    toxic !== null && (toxic.kind === 'refuse' || connection.lot < (toxic.share ?? 1))

  function accept(caller: Socket): void {
    lot = (lot + LOT_STEP) % 1
    const service = connect({ port: ends.targetPort, host: '127.0.0.1', noDelay: true })
    const connection: Connection = { caller, service, lot, held: [], timer: null }
    connections.add(connection)
    caller.setNoDelay(true)
    caller.on('data', (bytes: Buffer) => {
      if (feels(connection) && toxic?.kind === 'reset') caller.resetAndDestroy()
      else if (!service.write(bytes)) caller.pause()
    })
    service.on('drain', () => caller.resume())
    service.on('data', (bytes: Buffer) => {
      connection.held.push({ bytes, dueAt: dueAt(connection, bytes.length) })
      flush(connection)
    })
    caller.on('drain', () => service.resume())
    caller.on('end', () => service.end())
    service.on('end', () => endCaller(connection))
    for (const socket of [caller, service]) {
      socket.on('error', () => drop(connection))
      socket.on('close', () => (socket === caller ? drop(connection) : endCaller(connection)))
    }
  }

  function dueAt({ held }: Connection, bytes: number): number {
    const now = performance.now()
    const after = Math.max(now, held.at(-1)?.dueAt ?? 0)
    if (toxic?.kind === 'latency') {
      return Math.max(after, now + toxic.ms + (toxic.jitterMs ?? 0) * (lot = (lot + LOT_STEP) % 1))
    }
    return toxic?.kind === 'bandwidth' ? after + (bytes * 1000) / toxic.bytesPerSecond : after
  }

  function flush(connection: Connection): void {
    const { caller, service, held } = connection
    const isFelt = feels(connection)
    if (isFelt && toxic?.kind === 'hang') return
    while (held.length > 0 && !caller.destroyed) {
      const waitMs = isFelt ? (held[0]?.dueAt ?? 0) - performance.now() : 0
      if (waitMs > 0) {
        connection.timer ??= setTimeout(() => {
          connection.timer = null
          flush(connection)
        }, waitMs)
        return
      }
      const next = held.shift()
      if (next !== undefined && !caller.write(next.bytes)) service.pause()
    }
    if (service.readableEnded) caller.end()
  }

  function endCaller(connection: Connection): void {
    if (connection.held.length === 0) connection.caller.end()
    else flush(connection)
  }

  function drop(connection: Connection): void {
    if (!connections.delete(connection)) return
    if (connection.timer !== null) clearTimeout(connection.timer)
    connection.caller.destroy()
    connection.service.destroy()
  }

  async function listen(): Promise<void> {
    if (server !== null) return
    server = createServer({ allowHalfOpen: true }, accept)
    await once(server.listen(ends.listenPort, ends.host), 'listening')
  }

  async function stopListening(): Promise<void> {
    const closing = server
    server = null
    for (const connection of connections) {
      connection.caller.resetAndDestroy()
      drop(connection)
    }
    if (closing !== null) await new Promise((resolve) => closing.close(resolve))
  }

  return {
    listen,
    close: stopListening,
    async set(next) {
      toxic = next
      if (next?.kind === 'refuse') return stopListening()
      await listen()
      for (const connection of connections) {
        if (next?.kind === 'reset' && feels(connection)) connection.caller.resetAndDestroy()
        else flush(connection)
      }
    },
  }
}
