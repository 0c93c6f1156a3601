import { connect } from 'node:net'
import { ResponseReader } from './response-reader.ts'
import type { ReadState } from './response-reader.ts'
import type { Answer, Outcome } from './shop-request.ts'

export type WireRequest = {
  /** The whole request, ready for the socket. */
  readonly text: string
  /** May be sent once more when a kept connection turns out to be closed (RFC 9110, section 9.2.2). */
  readonly isIdempotent: boolean
  readonly keepsBody: boolean
}

export type Exchange = {
  readonly answer: Answer
  /** The connection may carry the next request. */
  readonly isOpen: boolean
  /** A kept connection was closed before a byte of the answer: nobody knows whether the request was seen. */
  readonly wasStale: boolean
}

/** One kept connection, which carries one request at a time. */
export type Connection = {
  ask(request: WireRequest, onEnd: (exchange: Exchange) => void): void
  /** Calls nobody back. */
  destroy(): void
}

export type ConnectionOptions = {
  readonly host: string
  readonly port: number
  /** It ended while nobody was waiting for an answer. */
  readonly onClosedAtRest: () => void
}

export function openConnection({ host, port, onClosedAtRest }: ConnectionOptions): Connection {
  const socket = connect({ host, port, noDelay: true })
  const reader = new ResponseReader()
  let waiting: ((exchange: Exchange) => void) | null = null
  let asked = 0
  let failure: Outcome = 'reset'

  function finish(exchange: Exchange): void {
    const onEnd = waiting
    waiting = null
    if (!exchange.isOpen) socket.destroy()
    onEnd?.(exchange)
  }

  function take(state: ReadState): void {
    if (state === 'more') return
    const isDone = state === 'done'
    const answer: Answer = isDone
      ? { outcome: reader.status, body: reader.body() }
      : { outcome: 'invalid', body: '' }
    finish({ answer, isOpen: isDone && reader.mayStayOpen, wasStale: false })
  }

  socket.on('data', (chunk: Buffer) => {
    if (waiting === null) socket.destroy() // bytes that nobody asked for
    else take(reader.push(chunk))
  })
  socket.on('end', () => socket.destroy())
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = outcomeOf(error.code)
  })
  socket.on('close', () => {
    if (waiting === null) {
      onClosedAtRest()
      return
    }
    const isWhole = reader.hasBegun && reader.end() === 'done'
    const answer: Answer = isWhole
      ? { outcome: reader.status, body: reader.body() }
      : { outcome: failure, body: '' }
    finish({ answer, isOpen: false, wasStale: asked > 1 && !reader.hasBegun })
  })

  return {
    ask(request, onEnd) {
      waiting = onEnd
      asked += 1
      reader.expect({ keepsBody: request.keepsBody })
      socket.write(request.text)
    },
    destroy() {
      waiting = null
      socket.destroy()
    },
  }
}

function outcomeOf(code: string | undefined): Outcome {
  if (code === 'ECONNREFUSED') return 'refused'
  // The system had no descriptor, port or memory left for a connection of ours.
  return ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS'].includes(code ?? '') ? 'no-socket' : 'reset'
}
