import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../errors.ts'

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

const line = z.strictObject({
  url: z.string(),
  method: z
    .string()
    .regex(/^[A-Za-z]{1,20}$/, 'expected a method such as GET')
    .default('GET'),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  // Anything but a string is sent as JSON.
  body: z.unknown().optional(),
  weight: z.number().positive().max(1_000_000).default(1),
  observed: z
    .object({
      requests: z.number().int().min(0),
      failed: z.number().int().min(0),
      answers: z.record(z.string(), z.number()),
    })
    .nullable()
    .default(null),
})

/**
 * Reads a requests or replay file: JSON Lines of `{"url", "method"?, "headers"?, "body"?, "weight"?}`. Empty lines and
 * lines that begin with `#` or `//` are skipped. Throws `REQUESTS_INVALID` with the number of the first wrong line.
 */
export async function readRequests(file: string): Promise<readonly RecordedRequest[]> {
  const requests = parseRequests(await readText(file), file)
  if (requests.length === 0) {
    throw new AppError('REQUESTS_INVALID', `expected at least one request in ${file}, found none`, {
      hint: EXAMPLE,
    })
  }
  return requests
}

const EXAMPLE =
  'a line looks like {"url": "http://127.0.0.1:8000/orders", "method": "POST", "body": {"id": 1}}'

async function readText(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    return text.replace(/^\uFEFF/, '')
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing)
      throw new AppError('INPUT_NOT_FOUND', `expected a requests file, found no ${file}`, { cause })
    throw new AppError('INPUT_UNREADABLE', `expected to read requests from ${file}, but ${String(cause)}`, {
      cause,
    })
  }
}

/** As `readRequests`, from text; `file` is for messages. */
export function parseRequests(text: string, file: string): readonly RecordedRequest[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.trim()
    if (content === '' || content.startsWith('#') || content.startsWith('//')) return []
    return [parseLine(content, `${file}:${index + 1}`)]
  })
}

function parseLine(content: string, where: string): RecordedRequest {
  const refuse = (problem: string): AppError =>
    new AppError('REQUESTS_INVALID', `expected a request at ${where}, found ${problem}`, { hint: EXAMPLE })
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch {
    throw refuse(`no JSON: ${content.slice(0, 80)}`)
  }
  const parsed = line.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.') ?? ''
    throw refuse(`${path === '' ? '' : `${path}: `}${issue?.message ?? 'something else'}`)
  }
  const { url, method, headers, body, weight, observed } = parsed.data
  const text = JSON.stringify({ url, headers, body })
  if (text.includes(REDACTED)) {
    throw refuse(`"${REDACTED}" where a secret was left out; put the value back to send this request`)
  }
  const address = parseAddress(url)
  if (address === null) throw refuse(`the url "${url}", not an http(s) address`)
  return { url: address, method: method.toUpperCase(), ...withBody(headers, body), weight, observed }
}

function withBody(
  given: Record<string, string | number | boolean>,
  body: unknown,
): Pick<PlannedRequest, 'headers' | 'body'> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value)
  if (body === undefined || body === null) return { headers, body: null }
  if (typeof body === 'string') return { headers, body }
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** The request that `--url` stands for: a GET. Throws `USAGE` where the text is no http(s) address. */
export function requestForUrl(url: string): PlannedRequest {
  const address = parseAddress(url)
  if (address === null) {
    throw new AppError('USAGE', `expected a URL such as http://127.0.0.1:8000/, found "${url}"`)
  }
  return { url: address, method: 'GET', headers: {}, body: null, weight: 1 }
}

/** `localhost:8000/x` is meant as http; user and password are refused by what sends, so they are not accepted here. */
function parseAddress(text: string): string | null {
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

const REDACTED = '<redacted>'
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
