import { readText, type LineShape } from './line-shape.ts'

/**
 * The shape of a JSON record: its keys in order, the text of what it says (message, error, stack) and its level. All
 * other values are skipped, not hashed: a user's name or a request's id doesn't make another kind of line.
 */
export function readJsonRecord(bytes: Uint8Array, shape: LineShape): boolean {
  let { at } = shape
  let isKey = true
  let role = SKIPPED
  let hasText = false
  for (;;) {
    const byte = bytes[at] as number
    if (byte === LINE_FEED) break
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at + 1)
      if (isKey) role = readKey(bytes, shape, at + 1)
      else {
        hasText = readValue(bytes, shape, { start: at + 1, end, role }) || hasText
        role = SKIPPED
      }
      isKey = false
      at = bytes[end] === QUOTE ? end + 1 : end
      continue
    }
    if (byte === OPEN_BRACKET) at = arrayEnd(bytes, at)
    else if (byte === OPEN_BRACE || byte === COMMA) {
      isKey = true
      shape.lane1 = Math.imul(shape.lane1 ^ byte, PRIME)
    } else if (role !== SKIPPED && (byte === MINUS || (byte >= 48 && byte < 58))) {
      readNumber(bytes, shape, { at, role })
      role = SKIPPED
    }
    at++
  }
  shape.at = at
  return hasText
}

const LINE_FEED = 10
const QUOTE = 34
const COMMA = 44
const MINUS = 45
const BACKSLASH = 92
const OPEN_BRACKET = 91
const OPEN_BRACE = 123
const PRIME = 0x01_00_01_93

const SKIPPED = 0
const TEXT = 1
const LEVEL = 2
const TIME = 3
/** Distinguishes kinds of error, but does not say what happened. */
const SORT = 4

/** What loggers call the text, the level and the time of a record. Others' names only cost speed, never a record. */
const ROLES: readonly (readonly [number, string])[] = [
  [
    TEXT,
    'msg message log event body text textPayload MESSAGE short_message full_message @message @m @mt m formatted ' +
      'log_message renderedMessage MessageTemplate error err errors exception Exception stack stacktrace stack_trace ' +
      'stackTrace StackTrace exc_info exc_text throwable thrown traceback errorVerbose errorMessage error_message ' +
      'error.message error.stack error.stack_trace exception.message exception.stacktrace reason detail details @x',
  ],
  [SORT, 'type error.type exception.type errorType error_type exc_type class'],
  [
    LEVEL,
    'level lvl severity levelname loglevel log_level logLevel log.level severityText severity_text severityNumber ' +
      'SeverityText PRIORITY @level @l level_name levelno level_value status',
  ],
  [
    TIME,
    'time timestamp ts @timestamp t date datetime asctime @t eventTime _time Timestamp log_time receiveTimestamp ' +
      '__REALTIME_TIMESTAMP timestamp_ms epoch',
  ],
]

const TABLE_MASK = 0x3fff
const ROLE_OF = new Uint8Array(TABLE_MASK + 1)
/** The whole hash, so that a stranger's key has no role by chance. */
const HASH_OF = new Int32Array(TABLE_MASK + 1)
for (const [role, names] of ROLES) {
  for (const name of names.split(' ')) {
    const hash = keyHash(Buffer.from(`${name}"`), 0)
    ROLE_OF[hash & TABLE_MASK] = role
    HASH_OF[hash & TABLE_MASK] = hash
  }
}

function keyHash(bytes: Uint8Array, start: number): number {
  let hash = 0x81_1c_9d_c5 | 0
  for (let at = start; ; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE || byte === LINE_FEED) break
    hash = Math.imul(hash ^ byte, PRIME)
  }
  return hash ^ (hash >>> 15)
}

function readKey(bytes: Uint8Array, shape: LineShape, start: number): number {
  const hash = keyHash(bytes, start)
  shape.lane1 = Math.imul(shape.lane1 ^ hash, PRIME)
  shape.lane2 = Math.imul(shape.lane2 ^ (hash >>> 7), PRIME)
  shape.sort = Math.imul(shape.sort ^ hash, PRIME)
  return HASH_OF[hash & TABLE_MASK] === hash ? (ROLE_OF[hash & TABLE_MASK] as number) : SKIPPED
}

type Value = { readonly start: number; readonly end: number; readonly role: number }

/** True when the value is what the record says. */
function readValue(bytes: Uint8Array, shape: LineShape, { start, end, role }: Value): boolean {
  if (role === TIME && shape.timeAt < 0) shape.timeAt = start
  if (role !== TEXT && role !== LEVEL && role !== SORT) return false
  shape.at = start
  shape.stop = end
  // A text of several lines is a stack trace, more often than not.
  shape.keepPaths = end - start > 40 && hasLineBreak(bytes, start, end)
  readText(bytes, shape)
  if (role !== TEXT) shape.sort = Math.imul(shape.sort ^ shape.lane1, PRIME)
  shape.stop = Number.MAX_SAFE_INTEGER
  return role === TEXT
}

function readNumber(bytes: Uint8Array, shape: LineShape, { at, role }: { at: number; role: number }): void {
  if (role === TIME && shape.timeAt < 0) shape.timeAt = at
  if (role !== LEVEL) return
  for (let digit = at; (bytes[digit] as number) >= 45 && (bytes[digit] as number) < 58; digit++) {
    shape.lane1 = Math.imul(shape.lane1 ^ (bytes[digit] as number), PRIME)
    shape.sort = Math.imul(shape.sort ^ (bytes[digit] as number), PRIME)
  }
}

function hasLineBreak(bytes: Uint8Array, start: number, end: number): boolean {
  const limit = Math.min(end, start + 600)
  for (let at = start; at < limit; at++) {
    if (bytes[at] === BACKSLASH && bytes[at + 1] === 110) return true
  }
  return false
}

/** Offset of the quote that closes a string, or of the line feed where none does. */
function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    const byte = bytes[at] as number
    if (byte === QUOTE || byte === LINE_FEED) return at
    if (byte === BACKSLASH && bytes[at + 1] !== LINE_FEED) at++
    at++
  }
}

/** Offset of an array's closing bracket; strings inside may hold brackets. */
function arrayEnd(bytes: Uint8Array, start: number): number {
  let depth = 0
  let at = start
  for (;;) {
    const byte = bytes[at] as number
    if (byte === LINE_FEED) return at - 1
    if (byte === QUOTE) {
      at = stringEnd(bytes, at + 1)
      if (bytes[at] === LINE_FEED) return at - 1
    } else if (byte === OPEN_BRACKET) depth++
    else if (byte === 93 && --depth === 0) return at
    at++
  }
}
