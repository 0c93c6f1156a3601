import { readFileSync } from 'node:fs'
import { Agent, fetch } from 'undici'
import { tracedFetch } from '../../telemetry.js'

/** Payment did not work out; `statusCode` is what the customer's request is answered with. */
export class PaymentError extends Error {
  constructor(message, statusCode, options) {
    super(message, options)
    this.name = 'PaymentError'
    this.statusCode = statusCode
  }
}

export function createPayment({ url, caFile, timeoutMs }) {
  const connect = caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') }
  const agent = new Agent({ connect, keepAliveTimeout: 4000, connections: 64 })

  /** Charges a card. A declined card is an answer: `{ accepted: false }`. */
  async function charge(order) {
    const response = await send('/charge', order)
    if (response.status === 402) return { accepted: false, reference: null }
    if (response.status === 201) return { accepted: true, reference: (await response.json()).reference }
    const words = await response.text()
    throw new PaymentError(`payment answered ${response.status}: ${words.slice(0, 200)}`, 502)
  }

  async function send(path, body) {
    try {
      return await tracedFetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher: agent,
        fetch, // the one that knows this kind of agent
      })
    } catch (cause) {
      if (cause.name === 'TimeoutError') {
        throw new PaymentError(`payment did not answer within ${timeoutMs} ms`, 504, { cause })
      }
      throw new PaymentError(`payment could not be reached: ${reason(cause)}`, 502, { cause })
    }
  }

  return { charge, close: () => agent.destroy() }
}

function reason(error) {
  return error.cause?.code ?? error.cause?.message ?? error.message
}
