const METHODS: ReadonlySet<string> = new Set(
  (
    'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ' +
    'REPORT SEARCH PURGE'
  ).split(' '),
)

/** Deeper paths are cut: a route is a kind of request, not an address. */
const MAX_SEGMENTS = 10

/**
 * The route of a request, `METHOD /template`: numbers, UUIDs, hex ids, dates and long tokens of the path become
 * `{id}`; query, fragment and `;parameters` are dropped. `GET /users/42?tab=1` is `GET /users/{id}`.
 * An unknown method is `OTHER`, a path that is none is `/…`.
 */
export function routeOf(method: string, path: string): string {
  const upper = method.toUpperCase()
  return `${METHODS.has(upper) ? upper : 'OTHER'} ${templateOf(path)}`
}

/** Called for every line of an access log: one pass, and most segments are only looked at. */
function templateOf(path: string): string {
  const local = path.charCodeAt(0) === SLASH ? path : withoutOrigin(path)
  if (local === null) return path === '*' ? '*' : '/…'
  const end = endOfPath(local)
  let template = ''
  let segments = 0
  for (let start = 1; start < end;) {
    let stop = local.indexOf('/', start)
    if (stop === -1 || stop > end) stop = end
    if (stop > start && segments === MAX_SEGMENTS) return `${template}/…`
    if (stop > start) {
      template += `/${templateOfSegment(local.slice(start, stop))}`
      segments += 1
    }
    start = stop + 1
  }
  // `/users/` and `/users` are different routes to most frameworks.
  return template === '' || local.charCodeAt(end - 1) === SLASH ? `${template}/` : template
}

const SLASH = 47

/** Where query, fragment or parameters begin. */
function endOfPath(path: string): number {
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index)
    if (code === 63 || code === 35 || code === 59) return index // ? # ;
  }
  return path.length
}

/** The path of an absolute-form target (`GET http://host/path`), as proxies log it. */
function withoutOrigin(target: string): string | null {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)
  if (!match) return null
  const rest = match[1] ?? ''
  return rest.startsWith('/') ? rest : `/${rest}`
}

function templateOfSegment(segment: string): string {
  const looks = lookOf(segment)
  if (looks === 'digits') return '{id}'
  if (looks === 'word') return segment
  // Already a template, as some loggers write it: `:id`, `{user}`, `<int:id>`.
  if (/^(?::[a-z_]\w*|\{[^}]*\}|<[^>]*>)$/i.test(segment)) return '{id}'
  if (isId(segment)) return '{id}'
  if (!segment.includes('.') || /^v\d+(\.\d+)*$/i.test(segment)) return segment
  // `app.3f9ac2b1.js`, `12345.jpg`: the parts that are ids.
  return segment
    .split('.')
    .map((part) => (isId(part) ? '{id}' : part))
    .join('.')
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** A short word of letters, `-`, `_` and `.` cannot hold an id; digits alone are one. */
function lookOf(segment: string): 'word' | 'digits' | 'other' {
  let digits = 0
  for (let index = 0; index < segment.length; index += 1) {
    const code = segment.charCodeAt(index)
    if (code >= 48 && code <= 57) digits += 1
    // % : < = @ {
    else if (code === 37 || code === 58 || code === 60 || code === 61 || code === 64 || code === 123)
      return 'other'
  }
  if (digits === segment.length) return 'digits'
  return digits === 0 && segment.length < 20 ? 'word' : 'other'
}

function isId(text: string): boolean {
  if (/^[-+]?\d+$/.test(text) || UUID.test(text)) return true
  // Whatever had to be escaped, addressed or assigned was data: `caf%C3%A9`, `a@b.c`, `key=value`.
  if (/%[0-9a-f]{2}|@|=/i.test(text)) return true
  const hasDigit = /\d/.test(text)
  if (/^(?:0x)?[0-9a-f]+$/i.test(text) && (text.length >= 16 || (text.length >= 6 && hasDigit))) return true
  if (!hasDigit) return isLongToken(text)
  // Dates, times and versions: 2026-03-03, 2026-03-03T09:00:00Z, 1.2.3, 10.0.0.7
  if (/^\d{1,4}([-_.:,T]\d+)+(\.\d+)?Z?$/.test(text)) return true
  // order-42, INV_2026_001, user:17
  if (/^[a-z]+(?:[-_:][a-z]+)*(?:[-_:]\d+)+$/i.test(text)) return true
  return isLongToken(text) || isMixedToken(text)
}

/** 20 characters and more without the look of words: base64, session tokens, slugs that carry a number. */
function isLongToken(text: string): boolean {
  if (text.length < 20 || !/^[\w~+=:.-]+$/.test(text)) return false
  return /\d/.test(text) || !/[-_.]/.test(text)
}

/** Short ids such as `aB3xY9` or `a1b2c3`: letters and digits change places often; `oauth2` and `x86` don't. */
function isMixedToken(text: string): boolean {
  if (!/^[a-z0-9]+$/i.test(text) || text.length < 5) return false
  const changes = text.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0
  const mixedCase = /[a-z]/.test(text) && /[A-Z]/.test(text)
  return changes >= 3 || (changes >= 2 && mixedCase && text.length >= 6)
}
