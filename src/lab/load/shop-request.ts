/** One request of a shopper, before it is written to a socket. */
export type ShopRequest = {
  readonly method: 'GET' | 'POST'
  /** `POST /cart/:id/items`: what counts are kept under. */
  readonly route: string
  readonly path: string
  /** JSON, or null. */
  readonly body: string | null
  /** The shopper reads something in the answer. */
  readonly readsAnswer: boolean
}

/** A status, or why there is none. */
export type Outcome = number | 'timeout' | 'refused' | 'reset' | 'no-socket' | 'invalid'

export type Answer = { readonly outcome: Outcome; readonly body: string }

/** 5xx, time-out or no answer; 3xx and 4xx are answers. */
export function isFailure(outcome: Outcome): boolean {
  return typeof outcome !== 'number' || outcome >= 500
}

export function get(route: string, path: string, readsAnswer = false): ShopRequest {
  return { method: 'GET', route: `GET ${route}`, path, body: null, readsAnswer }
}

export function post(route: string, path: string, content: unknown): ShopRequest {
  return { method: 'POST', route: `POST ${route}`, path, body: JSON.stringify(content), readsAnswer: true }
}
