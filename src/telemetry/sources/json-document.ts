/**
 * Pretty-printed JSON as exports of log services have it (`aws logs filter-log-events`, `gcloud logging read --format
 * json`, `journalctl -o json-pretty`), brought to one record per line. As many line ends come out as went in, so that
 * line numbers stay those of the file:
 *
 *     [                     ␤
 *       {                   {"message":"boom","n":1}␤
 *         "message": "boom",  ──>                   ␤
 *         "n": 1                                    ␤
 *       },                                          ␤
 */
export type RecordJoiner = (chunk: Uint8Array) => Uint8Array

/**
 * At which depth records are in a document that begins so: elements of a list (1), elements of a list in an object
 * (2), top-level objects over many lines (0). Null for JSON lines and for anything else.
 */
export function recordDepth(head: string): 0 | 1 | 2 | null {
  const text = head.replace(/^\ufeff/, '').trimStart()
  const isOneLine = !text.trimEnd().includes('\n')
  if (/^\[\s*\{\s*"/.test(text)) return isOneLine || /^\[\s*\n|^\[\{\s*\n/.test(text) ? 1 : null
  const isSpread = /^\{\s*\n/.test(text)
  if (LIST_IN_OBJECT.test(text)) return isOneLine || isSpread ? 2 : null
  return isSpread && /^\{\s*"/.test(text) && /\n\}\s*\n\{/.test(text) ? 0 : null
}

const LIST_IN_OBJECT = /^\{\s*"(?:events|logEvents|entries|records|Records|items|logs)"\s*:\s*\[\s*\{/

const NEWLINE = 10
const QUOTE = 34
const BACKSLASH = 92

type Joiner = {
  depth: number
  inString: boolean
  escaped: boolean
  owed: number
  /** A record ended on this line: the next one begins another. */
  isWhole: boolean
  out: Uint8Array
  size: number
}

/** What a document that begins with this chunk needs; nothing, most often. */
export function joinerFor(firstChunk: Uint8Array): RecordJoiner {
  const head = new TextDecoder().decode(firstChunk.subarray(0, HEAD_BYTES))
  const depth = recordDepth(head)
  return depth === null ? (chunk) => chunk : createRecordJoiner(depth)
}

const HEAD_BYTES = 65_536

/** Joins the records at `recordAt`; chunks may end anywhere. */
function createRecordJoiner(recordAt: 0 | 1 | 2): RecordJoiner {
  const state: Joiner = {
    depth: 0,
    inString: false,
    escaped: false,
    owed: 0,
    isWhole: false,
    out: new Uint8Array(0),
    size: 0,
  }
  return (chunk) => {
    state.out = new Uint8Array(chunk.length + state.owed + 1)
    state.size = 0
    for (const byte of chunk) joinByte(state, byte, recordAt)
    return state.out.subarray(0, state.size)
  }
}

function put(state: Joiner, byte: number): void {
  state.out[state.size++] = byte
}

function joinByte(state: Joiner, byte: number, recordAt: number): void {
  const inside = state.depth > recordAt
  if (state.inString) {
    if (inside) put(state, byte)
    if (state.escaped) state.escaped = false
    else if (byte === BACKSLASH) state.escaped = true
    else if (byte === QUOTE) state.inString = false
    return
  }
  if (byte === NEWLINE) return endLine(state, inside)
  if (byte === 91 || byte === 123) state.depth++
  if (byte === 93 || byte === 125) state.depth--
  if (byte === QUOTE) state.inString = true
  const begins = !inside && state.depth > recordAt
  if (begins && state.isWhole) endLine(state, false)
  const isBlank = byte === 32 || byte === 9 || byte === 13
  if (!isBlank && (inside || begins)) put(state, byte)
  if (inside && state.depth === recordAt) endRecord(state)
}

function endLine(state: Joiner, inside: boolean): void {
  if (inside) state.owed++
  else put(state, NEWLINE)
  state.isWhole = false
}

/** The record is whole: the line ends inside it come behind it. */
function endRecord(state: Joiner): void {
  state.isWhole = state.owed === 0
  for (; state.owed > 0; state.owed--) put(state, NEWLINE)
}
