import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { EpochMs } from '../../time.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'

/** One delivery of somebody's webhook, as it came in. */
export type WebhookRequest = {
  /** Names in lower case, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The bytes as they were sent: signatures are over them. */
  readonly body: Uint8Array
}

/** What a delivery says. */
export type WebhookContent =
  | { readonly kind: 'batches'; readonly batches: readonly TelemetryBatch[]; readonly deliveryId: string }
  /** Understood, and nothing that is kept: a ping, a deployment that has only begun. */
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 413; readonly reason: string }

/** What a parser needs to know besides the delivery. */
export type WebhookContext = {
  readonly now: EpochMs
  /** The service that a repository or an application stands for; null where nobody said. */
  readonly serviceOf: (name: string) => string | null
}

/** More than any of the known senders sends at once. */
const MOST_BODY_BYTES = 1024 * 1024

/** The value of a header; the first one where it was sent several times, '' where it was not. */
export function header(request: WebhookRequest, name: string): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

/** The body as JSON, or a refusal that says what was expected of this sender and what was found. */
export function jsonBody(
  { body }: WebhookRequest,
  expected: string,
): { readonly ok: true; readonly value: unknown } | Extract<WebhookContent, { kind: 'refused' }> {
  if (body.length > MOST_BODY_BYTES) {
    const reason = `expected at most ${MOST_BODY_BYTES} bytes, found ${body.length}`
    return { kind: 'refused', status: 413, reason }
  }
  const text = new TextDecoder().decode(body)
  if (text.trim() === '') return refused(expected, 'an empty body')
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refused(expected, `no JSON (${why.slice(0, 200)})`)
  }
}

/** The refusal of a body that is not what the sender should send. */
export function refused(expected: string, found: string): Extract<WebhookContent, { kind: 'refused' }> {
  return { kind: 'refused', status: 400, reason: `expected ${expected}, found ${found}` }
}

/** Who may not deliver: the answer says what to set on both sides, never what was sent. */
export function unauthorized(expected: string): Extract<WebhookContent, { kind: 'refused' }> {
  return { kind: 'refused', status: 401, reason: `expected ${expected}` }
}

/** Compares two secrets in a time that does not depend on where they differ. */
export function isSameSecret(given: string, wanted: string): boolean {
  // Hashed first: timingSafeEqual needs equal lengths, and the length is not to be told either.
  return timingSafeEqual(digest(given), digest(wanted))
}

/** Is `signature` (`sha256=…`) GitHub's HMAC of the body under the secret? Compared in constant time. */
export function isSignedBy({ body }: WebhookRequest, signature: string, secret: string): boolean {
  return isSameSecret(signature, `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
}

/** The same for every delivery of the same bytes: for senders that give theirs no id. */
export function idOfBody(name: string, { body }: WebhookRequest): string {
  return `${name}:${createHash('sha256').update(body).digest('hex').slice(0, 32)}`
}

/** Bearer token, or the password of Basic authentication. */
export function givenToken(request: WebhookRequest): string {
  const [scheme = '', value = ''] = header(request, 'authorization').split(/\s+/, 2)
  if (/^bearer$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return ''
  const pair = Buffer.from(value, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
