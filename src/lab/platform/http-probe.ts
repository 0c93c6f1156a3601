import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'

/** The status of one answer to GET; rejects where none comes in time. Any certificate will do: it is only asked whether somebody is there. */
export function probe(url: string, withinMs: number): Promise<number> {
  const ask = url.startsWith('https:') ? requestSecure : requestPlain
  return new Promise((resolve, reject) => {
    const req = ask(url, { agent: false, timeout: withinMs, rejectUnauthorized: false }, (res) => {
      res.resume()
      resolve(res.statusCode ?? 0)
    })
    req.on('timeout', () => req.destroy(new Error(`no answer within ${withinMs} ms`)))
    req.on('error', reject)
    req.end()
  })
}
