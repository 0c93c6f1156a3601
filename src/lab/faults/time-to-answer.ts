import { request } from 'node:http'

/** Milliseconds until `GET /health` at this port was answered; null without an answer in time. */
export function timeToAnswer(port: number, limitMs: number): Promise<number | null> {
  const from = performance.now()
  return new Promise((resolve) => {
    const asking = request({ host: '127.0.0.1', port, path: '/health', agent: false, timeout: limitMs })
    asking.on('response', (response) => {
      response.resume()
      resolve(Math.round(performance.now() - from))
    })
    asking.on('timeout', () => asking.destroy())
    asking.on('error', () => resolve(null))
    asking.on('close', () => resolve(null)) // after an answer, this is not heard any more
    asking.end()
  })
}
