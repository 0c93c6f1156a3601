import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Toxic } from './lab-system.ts'

export type WireEnds = { readonly host: string; readonly listenPort: number; readonly targetPort: number }

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

/**
 * A stretch of network that can be made to fail: bytes pass between a caller and a service, and a toxic says what
 * happens to what the service sends back.
 *
 *     app ──► :listen [ wire ] ──► :target service
 *         ◄── delayed, throttled, held or reset ──┘
 */
export class WireProxy {
  readonly #ends: WireEnds
  readonly #connections = new Set<Connection>()
  #toxic: Toxic | null = null
  #server: Server | null = null
  #lot = 0

  constructor(ends: WireEnds) {
    this.#ends = ends
  }

  async listen(): Promise<void> {
    if (this.#server !== null) return
    this.#server = createServer({ allowHalfOpen: true }, (caller) => this.#accept(caller))
    await once(this.#server.listen(this.#ends.listenPort, this.#ends.host), 'listening')
  }

  /** Resolves when it holds for open connections and for new ones. */
  async set(toxic: Toxic | null): Promise<void> {
    this.#toxic = toxic
    if (toxic?.kind === 'refuse') return this.close()
    await this.listen()
    for (const connection of this.#connections) {
      if (toxic?.kind === 'reset' && this.#isFelt(connection)) connection.caller.resetAndDestroy()
      else this.#flush(connection)
    }
  }

  /** Nobody listens any more, and open connections are reset. */
  async close(): Promise<void> {
    const closing = this.#server
    this.#server = null
    for (const connection of this.#connections) {
      connection.caller.resetAndDestroy()
      this.#drop(connection)
    }
    if (closing !== null) await new Promise((resolve) => closing.close(resolve))
  }

  #accept(caller: Socket): void {
    const service = connect({ port: this.#ends.targetPort, host: '127.0.0.1', noDelay: true })
    const connection: Connection = { caller, service, lot: this.#nextLot(), held: [], timer: null }
    this.#connections.add(connection)
    caller.setNoDelay(true)
    caller.on('data', (bytes: Buffer) => {
      if (this.#toxic?.kind === 'reset' && this.#isFelt(connection)) caller.resetAndDestroy()
      else if (!service.write(bytes)) caller.pause()
    })
    service.on('drain', () => caller.resume())
    service.on('data', (bytes: Buffer) => {
      connection.held.push({ bytes, dueAt: this.#dueAt(connection, bytes.length) })
      this.#flush(connection)
    })
    caller.on('drain', () => service.resume())
    caller.on('end', () => service.end())
    service.on('end', () => this.#flush(connection))
    for (const socket of [caller, service]) socket.on('error', () => this.#drop(connection))
    caller.on('close', () => this.#drop(connection))
  }

  #nextLot(): number {
    return (this.#lot = (this.#lot + LOT_STEP) % 1)
  }

  #isFelt({ lot }: Connection): boolean {
    const toxic = this.#toxic
    return toxic !== null && (toxic.kind === 'refuse' || lot < (toxic.share ?? 1))
  }

  #dueAt({ held }: Connection, bytes: number): number {
    const toxic = this.#toxic
    const now = performance.now()
    const after = Math.max(now, held.at(-1)?.dueAt ?? 0)
    if (toxic?.kind === 'latency') {
      return Math.max(after, now + toxic.ms + (toxic.jitterMs ?? 0) * this.#nextLot())
    }
    return toxic?.kind === 'bandwidth' ? after + (bytes * 1000) / toxic.bytesPerSecond : after
  }

  /** Sends on what is due. */
  #flush(connection: Connection): void {
    const { caller, service, held } = connection
    const isFelt = this.#isFelt(connection)
    if (isFelt && this.#toxic?.kind === 'hang') return
    for (let next = held[0]; next !== undefined && !caller.destroyed; next = held[0]) {
      const waitMs = isFelt ? next.dueAt - performance.now() : 0
      if (waitMs > 0) return this.#flushLater(connection, waitMs)
      held.shift()
      if (!caller.write(next.bytes)) service.pause()
    }
    if (service.readableEnded) caller.end()
  }

  #flushLater(connection: Connection, waitMs: number): void {
    connection.timer ??= setTimeout(() => {
      connection.timer = null
      this.#flush(connection)
    }, waitMs)
  }

  #drop(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    if (connection.timer !== null) clearTimeout(connection.timer)
    connection.caller.destroy()
    connection.service.destroy()
  }
}
