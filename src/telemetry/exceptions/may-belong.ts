/**
 * The first-bytes test that every log line goes through: could this line open a stack trace or be part of one? It
 * reads at most 160 bytes, allocates nothing, and errs on the side of yes: an ordinary `Retrying: …` may pass, a line
 * of a trace never fails, but for lines that only their neighbours make part of one (the second line of a message, a
 * blank line, `checkout failed TypeError: x`), for which the assembler is asked with `isOpen` and told with `boundary`.
 */

const LETTER = 1
const UPPER = 2
const DIGIT = 4
const JOINT = 8 // . $ _ \ / - @ % ~ ` < > * + [ ] : what names of functions, types and files hold beside letters

const kinds = new Uint8Array(256)
for (let code = 0; code < 256; code += 1) {
  const text = String.fromCharCode(code)
  if (/[a-z]/.test(text) || code >= 128) kinds[code] = LETTER
  else if (/[A-Z]/.test(text)) kinds[code] = LETTER | UPPER
  else if (/\d/.test(text)) kinds[code] = DIGIT
  else if (/[.$_\\/\-@%~`<>*+[\]]/.test(text)) kinds[code] = JOINT
}

// Openings in more than one word, by their first byte.
const phrases: Uint8Array[][] = Array.from({ length: 256 }, () => [])
for (const phrase of [
  'Traceback (',
  'Caused by:',
  'Wrapped by:',
  'Stack trace:',
  'Stacktrace:',
  'Stack backtrace:',
  'stack backtrace:',
  'Exception in ',
  'Exception on ',
  'Exception ignored',
  'Exception Group',
  'Unhandled ',
  'Uncaught ',
  'Fatal error:',
  'Parse error:',
  'PHP ',
  'goroutine ',
  "thread '",
  'created by ',
  'The above exception',
  'During handling',
  'Next ',
  'exit status',
  'fatal error:',
  "exception '",
  'exception "',
  'at ',
  'from ',
  'note: ',
  'Suppressed:',
  'File "',
  'Did you mean',
  'Node.js v',
  'thrown in ',
  'Causes:',
  'Cause:',
  'runtime: ',
  'panic: ',
  'panic(',
  'http: panic',
  'Error: ',
  'error: ',
  'SIG',
  '[signal ',
  '[cause]',
  '[errors]',
  '[SQL:',
  '[parameters:',
  '[stacktrace]',
  '[previous',
  '[Previous',
  '[recovered',
  '[originating',
  '[ERROR] FATAL',
  '[CIRCULAR',
  '[UnhandledPromise',
  '(eval',
  '(irb',
  '(pry',
  '(node:',
  '(Background',
  '(Inner',
  '(Use `node',
  '"""',
  '#<',
  '...',
  '---',
  '<---',
  '<internal:',
  '-e:',
  '{main}',
  'DETAIL:',
  'HINT:',
  'CONTEXT:',
  '[object]',
]) {
  phrases[phrase.charCodeAt(0)]?.push(new TextEncoder().encode(phrase))
}

const SPAN = 160

function startsWith(buffer: Uint8Array, start: number, phrase: Uint8Array): boolean {
  for (let index = 0; index < phrase.length; index += 1) {
    if (buffer[start + index] !== phrase[index]) return false
  }
  return true
}

/** Does the word that ends at `end` end in Error or Exception? */
function endsAsError(buffer: Uint8Array, start: number, end: number): boolean {
  const last = buffer[end - 1]
  const length = end - start
  // E|rror and E|xception, told by three letters each: enough for a test that may say yes too often.
  if (last === 0x72) return length >= 5 && buffer[end - 2] === 0x6f && buffer[end - 3] === 0x72
  if (last === 0x6e) return length >= 9 && buffer[end - 2] === 0x6f && buffer[end - 4] === 0x74
  return false
}

/** After a word and a `:`; `Type: message`, `Type::Inner`, `file.rb:12:in`. */
function afterColon(buffer: Uint8Array, start: number, colon: number): boolean {
  const next = buffer[colon + 1] ?? 0x20
  if ((kinds[next] ?? 0) & DIGIT) return true
  if (next === 0x3a) return true
  if (next !== 0x20 && next !== 0x0a && next !== 0x0d) return false
  let upper = false
  let lower = false
  for (let index = start; index < colon; index += 1) {
    const kind = kinds[buffer[index] ?? 0] ?? 0
    const first = index === start || ((kinds[buffer[index - 1] ?? 0] ?? 0) & (JOINT | LETTER)) === JOINT
    if (kind & UPPER && first) upper = true
    if (kind & LETTER && !(kind & UPPER)) lower = true
  }
  // `INFO: …` is a level, not a type.
  return upper && lower
}

function word(buffer: Uint8Array, start: number, end: number): boolean {
  const limit = Math.min(end, start + SPAN)
  let index = start
  let joints = 0
  while (index < limit) {
    const kind = kinds[buffer[index] ?? 0] ?? 0
    if (kind === 0) break
    if (kind === JOINT) joints += 1
    index += 1
  }
  if (index === limit) return joints > 0 || ((kinds[buffer[start] ?? 0] ?? 0) & UPPER) !== 0
  const stop = buffer[index]
  if (stop === 0x3a) return index + 1 === end ? true : afterColon(buffer, start, index)
  // `main.run({0x1})`, `pkg.(*Cart).At(…)`
  if (stop === 0x28) return joints > 0
  // `TypeError [ERR_X]: …`, `NoMethodError (undefined …):`; not `Error budget remaining`.
  const next = index + 1 < end ? buffer[index + 1] : 0
  return stop === 0x20 && (next === 0x5b || next === 0x28) && endsAsError(buffer, start, index)
}

/** As `mayBelongToTrace`, on the bytes `start` to `end` of a buffer (the message, its header already skipped). */
export function mayBelongToTraceBytes(buffer: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false
  const first = buffer[start] ?? 0
  const second = start + 1 < end ? (buffer[start + 1] ?? 0) : 0
  switch (first) {
    case 0x09: // tab
    case 0x20: // space
    case 0x7c: // | and +: margins of exception groups
    case 0x2b:
    case 0x7d: // } and ]: the end of an error's own properties
    case 0x5d:
      return true
    case 0x2f: // a path: Ruby's frames, Node's excerpts
    case 0x3e: // > File "…"
      return second !== 0x20 || first === 0x3e
    case 0x23: // #0 /var/www/index.php(7)
      if ((kinds[second] ?? 0) & DIGIT) return true
      break
    default:
  }
  for (const phrase of phrases[first] ?? []) {
    if (start + phrase.length <= end && startsWith(buffer, start, phrase)) return true
  }
  return ((kinds[first] ?? 0) & (LETTER | JOINT)) !== 0 && word(buffer, start, end)
}

const scratch = new Uint8Array(SPAN + 16)

/**
 * Could a line (its message, without header) open a stack trace or be part of one? Cheap enough to be asked of every
 * line; may say yes wrongly.
 */
export function mayBelongToTrace(text: string): boolean {
  const length = Math.min(text.length, SPAN + 16)
  for (let index = 0; index < length; index += 1) scratch[index] = Math.min(text.charCodeAt(index), 255)
  return mayBelongToTraceBytes(scratch, 0, length)
}
