import { openConnection } from './http-connection.ts'
import type { Connection, WireRequest } from './http-connection.ts'
import type { Answer } from './shop-request.ts'

/** `unsent`: it was still waiting for a connection. */
export type Cancel = () => 'sent' | 'unsent'

export type HttpClientOptions = {
  readonly host: string
  readonly port: number
  readonly maxSockets: number
  readonly now: () => number
}

/** Below the five seconds after which a Node server closes a kept connection. */
const IDLE_MS = 3_000

type Errand = {
  readonly request: WireRequest
  readonly onAnswer: (answer: Answer) => void
  connection: Connection | null
  isOver: boolean
}

type Resting = { readonly connection: Connection; readonly since: number }

/**
 * Requests over a bounded number of kept connections. Those that find none free wait in line; none is dropped: each is
 * answered, fails, or is cancelled by the caller, whose clock decides about time-outs.
 */
export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #open = new Set<Connection>()
  /** The longest at rest first; the newest is used again first. */
  #resting: Resting[] = []
  /** Without a connection, in the order in which they came. */
  readonly #line = new Set<Errand>()

  constructor(options: HttpClientOptions) {
    this.#options = options
  }

  /** `onAnswer` is called once, and never after a cancel. */
  send(request: WireRequest, onAnswer: (answer: Answer) => void): Cancel {
    const errand: Errand = { request, onAnswer, connection: null, isOver: false }
    const kept = this.#resting.pop()?.connection
    if (kept !== undefined) this.#ask(errand, kept)
    else if (this.#open.size < this.#options.maxSockets) this.#ask(errand, this.#openOne())
    else this.#line.add(errand)
    return () => this.#cancel(errand)
  }

  /** Closes connections that nobody has used for a while; to be called about once a second. */
  closeIdle(): void {
    const limit = this.#options.now() - IDLE_MS
    const tooLong = this.#resting.filter(({ since }) => since < limit)
    this.#resting = this.#resting.slice(tooLong.length)
    for (const { connection } of tooLong) this.#drop(connection)
  }

  get openSockets(): number {
    return this.#open.size
  }

  close(): void {
    this.#line.clear()
    this.#resting = []
    for (const connection of this.#open) connection.destroy()
    this.#open.clear()
  }

  #openOne(): Connection {
    const { host, port } = this.#options
    const connection: Connection = openConnection({
      host,
      port,
      onClosedAtRest: () => this.#forget(connection),
    })
    this.#open.add(connection)
    return connection
  }

  #ask(errand: Errand, connection: Connection): void {
    errand.connection = connection
    connection.ask(errand.request, ({ answer, isOpen, wasStale }) => {
      if (isOpen) this.#release(connection)
      else this.#forget(connection)
      if (wasStale && errand.request.isIdempotent) this.#ask(errand, this.#openOne())
      else settle(errand, answer)
    })
  }

  #release(connection: Connection): void {
    const next = this.#fromLine()
    if (next === null) this.#resting.push({ connection, since: this.#options.now() })
    else this.#ask(next, connection)
  }

  #forget(connection: Connection): void {
    if (!this.#open.delete(connection)) return
    this.#resting = this.#resting.filter((rest) => rest.connection !== connection)
    const next = this.#fromLine()
    if (next !== null) this.#ask(next, this.#openOne())
  }

  #fromLine(): Errand | null {
    for (const next of this.#line) {
      this.#line.delete(next)
      return next
    }
    return null
  }

  #cancel(errand: Errand): 'sent' | 'unsent' {
    if (errand.isOver) return 'sent'
    errand.isOver = true
    if (this.#line.delete(errand)) return 'unsent'
    if (errand.connection !== null) this.#drop(errand.connection)
    return 'sent'
  }

  #drop(connection: Connection): void {
    connection.destroy()
    this.#forget(connection)
  }
}

function settle(errand: Errand, answer: Answer): void {
  if (errand.isOver) return
  errand.isOver = true
  errand.onAnswer(answer)
}
