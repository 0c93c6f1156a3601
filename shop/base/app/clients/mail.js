import { tracedFetch } from '../../telemetry.js'

const MAX_AT_ONCE = 4

/** Mail is sent behind the customer's back: nobody waits for it, and a mail that fails is only logged. */
export function createMail({ url, timeoutMs }, log) {
  const waiting = []
  let sending = 0
  let closed = false

  function send(message) {
    if (closed) return
    waiting.push(message)
    next()
  }

  function next() {
    while (sending < MAX_AT_ONCE && waiting.length > 0) {
      sending += 1
      void deliver(waiting.shift()).finally(() => {
        sending -= 1
        next()
      })
    }
  }

  async function deliver(message) {
    try {
      const response = await tracedFetch(new URL('/send', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(timeoutMs),
      })
      await response.text()
      if (!response.ok) log.warn(`mail: answered ${response.status} for "${message.subject}"`)
    } catch (error) {
      if (!closed)
        log.warn(`mail: "${message.subject}" was not sent: ${error.cause?.message ?? error.message}`)
    }
  }

  return {
    send,
    close: async () => {
      closed = true
      waiting.length = 0
    },
  }
}
