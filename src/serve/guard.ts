import { isIP } from 'node:net'
import { isLoopback } from '../loopback.ts'
import { saysToken } from '../says-token.ts'
import type { DoorPlace } from '../service/index.ts'

/** What is known of a request before anything of it is read. */
export type Knock = {
  readonly method: string
  readonly path: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`, which browsers send and scripts cannot forge. */
  readonly fetchSite: string | undefined
  readonly authorization: string | undefined
  /** What is asked for checks a secret of its own. */
  readonly hasOwnSecret: boolean
}

export type Refusal = { readonly status: 401 | 403 | 421; readonly detail: string }

/**
 * Whether a request may come in; null where it may.
 *
 * A page on the web can make its reader's browser send requests to 127.0.0.1. It cannot read the answers of another
 * origin, but it can point a name of its own here (DNS rebinding) or post a form (CSRF). So the name that was asked
 * for must be ours, and a browser may write only from a page of ours. Senders that are no browsers say neither.
 */
export function refusalOf(knock: Knock, place: DoorPlace): Refusal | null {
  if (!isOurName(knock.host, place)) {
    return {
      status: 421,
      detail: `this is not ${knock.host ?? 'an unnamed host'}; listen.hosts lists other names`,
    }
  }
  if (mayWrite(knock.method) && isForeign(knock)) {
    return { status: 403, detail: `a page of ${knock.origin ?? 'another site'} may not write here` }
  }
  if (place.token !== null && !isPublic(knock) && !saysToken(knock.authorization, place.token)) {
    return { status: 401, detail: 'expected Authorization: Bearer and the token of the configuration' }
  }
  return null
}

function mayWrite(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method)
}

function isOurName(host: string | undefined, { host: listened, hosts }: DoorPlace): boolean {
  if (host === undefined) return false
  const name = bareName(host)
  // An address cannot be rebound to another: only names can.
  return isLoopback(name) || isIP(name) !== 0 || name === listened.toLowerCase() || hosts.includes(name)
}

function bareName(host: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(host) ?? []
  return (bracketed ?? host.replace(/:\d+$/, '')).toLowerCase()
}

function isForeign({ origin, host, fetchSite }: Knock): boolean {
  if (origin !== undefined) return URL.parse(origin)?.host !== host?.toLowerCase()
  return fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none'
}

/** Those who ask whether we live have no token. */
function isPublic({ path, hasOwnSecret }: Knock): boolean {
  return hasOwnSecret || path === '/healthz' || path === '/readyz'
}
