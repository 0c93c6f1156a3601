import { AppError } from '../../errors.ts'

/** A request to be sent, as `--url`, a requests file or a replay file says it. */
export type PlannedRequest = {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Its share of all requests, relative to the others'. */
  readonly weight: number
}

/** A request that failed, with how often: enough to send it again often enough. */
export type RecordedRequest = PlannedRequest & {
  readonly observed: {
    readonly requests: number
    readonly failed: number
    /** Status code, or the word of `NoAnswer` → count; failures only. */
    readonly answers: Readonly<Record<string, number>>
  } | null
}

/** How a line of a requests file looks, for messages. */
export const REQUEST_EXAMPLE =
  'a line looks like {"url": "http://127.0.0.1:8000/orders", "method": "POST", "body": {"id": 1}}'

/** The request that `--url` stands for: a GET. Throws `USAGE` where the text is no http(s) address. */
export function requestForUrl(url: string): PlannedRequest {
  const address = parseAddress(url)
  if (address === null) {
    throw new AppError('USAGE', `expected a URL such as http://127.0.0.1:8000/, found "${url}"`)
  }
  return { url: address, method: 'GET', headers: {}, body: null, weight: 1 }
}

/** `localhost:8000/x` is meant as http; user and password are refused by what sends, so they are not accepted here. */
export function parseAddress(text: string): string | null {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.parse(full.trim())
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || /\s/.test(text.trim()))
    return null
  url.hash = ''
  return url.href
}

/** The replay file: one line per failing request, secrets left out; `readRequests` reads it. */
export function toReplayFile(requests: readonly RecordedRequest[]): string {
  return requests.map((request) => `${JSON.stringify(redacted(request))}\n`).join('')
}

/** Stands in a replay file where a secret stood. */
export const REDACTED = '<redacted>'
const SECRET_NAME =
  /^(?:.*[-_])?(?:authorization|cookie|pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credential|session(?:[-_]?id)?|signature|sig|jwt|otp|pin|cvv|cvc|card[-_]?number|ssn)s?$/i
/** `accessToken`, `apiKey`, `clientSecret`: the name as words. */
const isSecretName = (name: string): boolean => SECRET_NAME.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'))

function redacted(request: RecordedRequest): RecordedRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    isSecretName(name) ? REDACTED : value,
  ])
  return {
    ...request,
    url: redactedUrl(request.url),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: request.body === null ? null : redactedBody(request.body),
  }
}

function redactedUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || ![...url.searchParams.keys()].some(isSecretName)) return text
  for (const name of new Set(url.searchParams.keys()))
    if (isSecretName(name)) url.searchParams.set(name, REDACTED)
  return url.href.replaceAll(encodeURIComponent(REDACTED), REDACTED)
}

function redactedBody(body: string): string {
  if (/^[^\s={}&]+=[^\s{}]*$/.test(body)) {
    return body.replace(/([^&=]+)=([^&]*)/g, (pair, name: string) =>
      isSecretName(name) ? `${name}=${REDACTED}` : pair,
    )
  }
  try {
    const value: unknown = JSON.parse(body)
    const clean = JSON.stringify(value, (name, field: unknown) =>
      isSecretName(name) && field !== null ? REDACTED : field,
    )
    return clean === JSON.stringify(value) ? body : clean
  } catch {
    return body
  }
}
