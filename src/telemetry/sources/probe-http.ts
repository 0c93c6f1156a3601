import { Agent, request } from 'undici'
import { AppError } from '../../errors.ts'
import { judgeAnswer } from './probe-assertions.ts'
import type { HttpAnswer, HttpExpectation } from './probe-assertions.ts'
import type { ProbeCheck } from './probe-check.ts'

export type HttpCheckOptions = {
  readonly kind: 'http'
  readonly url: string
  /** `GET` where it is left out. */
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** Certificates (PEM) to trust besides none: replaces the machine's own. */
  readonly ca?: string | undefined
  readonly expect?: HttpExpectation | undefined
}

const MOST_BODY_BYTES = 1024 * 1024
const NAME = 'firebreak-probe'

/**
 * Asks one URL over a connection of its own, as a new user would, and compares the answer. Redirects are not followed.
 * Refuses a URL that is none, and an expression that is none (`USAGE`).
 */
export function openHttpCheck(options: HttpCheckOptions): ProbeCheck {
  const url = parsedUrl(options.url)
  checkPattern(options.expect?.bodyMatches)
  const agent = new Agent({
    pipelining: 0, // a connection that was kept open would hide that no new one can be made
    maxHeaderSize: 64 * 1024,
    ...(options.ca === undefined ? {} : { connect: { ca: options.ca } }),
  })
  return {
    kind: 'http',
    target: `${url.origin}${url.pathname}${url.search}`,
    async look(signal) {
      const answer = await ask(url, { ...options, agent, signal })
      return { reason: judgeAnswer(answer, options.expect ?? {}), expiresInSeconds: null }
    },
    close: () => agent.destroy(),
  }
}

type Asking = HttpCheckOptions & { readonly agent: Agent; readonly signal: AbortSignal }

async function ask(url: URL, { agent, signal, ...options }: Asking): Promise<HttpAnswer> {
  const beganAt = performance.now()
  const response = await request(`${url.origin}${url.pathname}${url.search}`, {
    dispatcher: agent,
    signal,
    method: options.method ?? 'GET',
    headers: { 'user-agent': NAME, ...credentials(url), ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
  })
  const body = await beginningOf(response.body)
  return {
    status: response.statusCode,
    headers: response.headers,
    body,
    durationMs: performance.now() - beganAt,
  }
}

/** What a person would type into the address: undici leaves it out. */
function credentials(url: URL): Record<string, string> {
  if (url.username === '') return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

async function beginningOf(body: AsyncIterable<Uint8Array> & { destroy(): unknown }): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MOST_BODY_BYTES) break // leaving the loop destroys the stream, and with it the connection
  }
  return Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString('utf8')
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol)) return url
  const found = url === null ? 'something that is no URL' : `one that begins with ${url.protocol}`
  throw new AppError('USAGE', `expected the http:// or https:// URL of a probe, found ${found}`)
}

function checkPattern(pattern: string | undefined): void {
  if (pattern === undefined) return
  try {
    RegExp(pattern)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('USAGE', `expected a regular expression in bodyMatches, found: ${why}`, { cause })
  }
}
