import type { LoggedRequest } from './parsed-line.ts'

/**
 * Where lines of one shape have their request, learned from one line that was parsed in full: lines of a shape have
 * the same fields at the same places, so that millions of them need not be parsed again.
 *
 *   10.0.0.7 - - [20/Nov/2026:10:04:07 +0000] "GET /cart HTTP/1.1" 200 512 "-" "curl/8.5.0" 0.031
 *   client                                     method path          status                  duration × 1000
 */
export type RequestRecipe = {
  readonly method: Place
  readonly path: Place
  readonly status: Place | null
  readonly client: Place | null
  readonly duration: (Place & { readonly scale: number }) | null
}

/** A part of a blank-separated field: from `lead` bytes after its start to the byte `stop`, or to the field's end. */
type Place = { readonly field: number; readonly lead: number; readonly stop: number }

const MAX_FIELDS = 24
const BLANK = 32
const NOTHING = -1
const starts = new Int32Array(MAX_FIELDS + 1)
const ends = new Int32Array(MAX_FIELDS + 1)
/** The last field has this number, wherever it is. */
const LAST = MAX_FIELDS

/** The recipe that reads `request` from its line, or null when no simple one does. */
export function learnRequest(line: Buffer, request: LoggedRequest): RequestRecipe | null {
  const fields = splitFields(line, 0, line.length)
  const method = findPlace(line, fields, { value: request.method })
  const path = method && findPlace(line, fields, { value: request.path, from: method.field })
  if (!method || !path) return null
  const status =
    request.status === null
      ? null
      : findPlace(line, fields, { value: String(request.status), from: path.field })
  const client = request.client === null ? null : findPlace(line, fields, { value: request.client })
  const duration =
    request.durationMs === null ? null : findDuration(line, { fields, after: path.field }, request.durationMs)
  if (request.status !== null && !status) return null
  if (request.client !== null && !client) return null
  if (request.durationMs !== null && !duration) return null
  const recipe = { method, path, status, client, duration }
  return isSameRequest(applyRecipe(line, { start: 0, end: line.length }, recipe), request) ? recipe : null
}

/** The request of another line of the shape; null where the line is not as expected. */
export function applyRecipe(
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  recipe: RequestRecipe,
): LoggedRequest | null {
  const fields = splitFields(bytes, start, end)
  const method = textAt(bytes, fields, recipe.method)
  const path = textAt(bytes, fields, recipe.path)
  if (method === '' || path === '') return null
  const status = recipe.status ? numberAt(bytes, fields, recipe.status) : null
  const client = recipe.client ? textAt(bytes, fields, recipe.client) : null
  const raw = recipe.duration ? numberAt(bytes, fields, recipe.duration) : null
  if (Number.isNaN(status) || Number.isNaN(raw) || client === '') return null
  const durationMs = raw === null || !recipe.duration ? null : raw * recipe.duration.scale
  return { method, path, status, durationMs, client }
}

/** Do two readings of a line agree? Durations may differ by rounding. */
export function isSameRequest(a: LoggedRequest | null, b: LoggedRequest | null): boolean {
  if (a === null || b === null) return a === b
  const apart = Math.abs((a.durationMs ?? -1) - (b.durationMs ?? -1))
  return (
    a.method === b.method &&
    a.path === b.path &&
    a.status === b.status &&
    a.client === b.client &&
    apart < 0.001
  )
}

/** Notes where the blank-separated fields are; answers how many there are, at most `MAX_FIELDS`. */
function splitFields(bytes: Uint8Array, start: number, lineEnd: number): number {
  let end = lineEnd
  while (end > start && (bytes[end - 1] === 13 || bytes[end - 1] === BLANK)) end--
  let fields = 0
  let at = start
  while (at < end && fields < MAX_FIELDS) {
    while (bytes[at] === BLANK) at++
    starts[fields] = at
    while (at < end && bytes[at] !== BLANK) at++
    ends[fields++] = at
  }
  let last = end
  while (last > start && bytes[last - 1] !== BLANK) last--
  starts[LAST] = last
  ends[LAST] = end
  return fields
}

/** Where a value stands: as a whole field, or as a part of one that begins and ends at punctuation. */
function findPlace(
  line: Buffer,
  fields: number,
  { value, from = 0 }: { value: string; from?: number },
): Place | null {
  if (value === '' || value.includes(' ')) return null
  for (let field = from; field < fields; field++) {
    const text = line.toString('latin1', starts[field], ends[field])
    const lead = text.indexOf(value)
    if (lead < 0 || (lead > 0 && isWordByte(text.charCodeAt(lead - 1)))) continue
    const next = text.charCodeAt(lead + value.length)
    if (isWordByte(next)) continue
    const stop = Number.isNaN(next) ? NOTHING : next
    // The stop must not occur in the value, nor anything variable before it.
    if (stop !== NOTHING && value.includes(String.fromCharCode(stop))) continue
    if (lead > 0 && /[\w.]/.test(text.slice(0, lead)) && !/^\w+[=:]["']?$/.test(text.slice(0, lead))) continue
    return { field, lead, stop }
  }
  return null
}

const SCALES = [1, 1000, 0.001, 0.000_001]

function findDuration(
  line: Buffer,
  { fields, after }: { fields: number; after: number },
  durationMs: number,
): RequestRecipe['duration'] {
  const order = [LAST, ...Array.from({ length: fields - after - 1 }, (_, at) => after + 1 + at)]
  for (const field of order) {
    const match = /^(\D{0,16}?)(\d+(?:\.\d+)?)/.exec(line.toString('latin1', starts[field], ends[field]))
    if (!match) continue
    for (const scale of SCALES) {
      const isIt = durationMs > 0 && Math.abs(Number(match[2]) * scale - durationMs) < 0.0005
      if (isIt) return { field, lead: (match[1] ?? '').length, stop: NOTHING, scale }
    }
  }
  return null
}

function isWordByte(code: number): boolean {
  return (code >= 48 && code < 58) || (code >= 65 && code < 91) || (code >= 97 && code < 123) || code === 95
}

function textAt(bytes: Buffer, fields: number, { field, lead, stop }: Place): string {
  if (field !== LAST && field >= fields) return ''
  const start = (starts[field] as number) + lead
  const end = ends[field] as number
  let to = end
  if (stop !== NOTHING) {
    to = start
    while (to < end && bytes[to] !== stop) to++
    if (to === end) return ''
  }
  let isAscii = true
  for (let at = start; at < to; at++) if ((bytes[at] as number) >= 128) isAscii = false
  return isAscii ? bytes.toString('latin1', start, to) : bytes.toString('utf8', start, to)
}

/** A decimal number at a place; NaN where none stands there. */
function numberAt(bytes: Uint8Array, fields: number, { field, lead }: Place): number {
  if (field !== LAST && field >= fields) return Number.NaN
  const end = ends[field] as number
  let at = (starts[field] as number) + lead
  let value = 0
  let scale = 0
  let digits = 0
  for (; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 48 && byte < 58) {
      value = value * 10 + byte - 48
      digits++
      scale *= 10
    } else if (byte === 46 && scale === 0) scale = 1
    else break
  }
  return digits === 0 ? Number.NaN : value / (scale || 1)
}
