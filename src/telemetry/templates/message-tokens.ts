import { REDACTED } from '../redact.ts'

/** Stands for anything that differs between lines of one kind. */
export const ANY = '<*>'

const DAY = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? +)?'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}'
const CLOCK =
  '(?:[ T:]+\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d+)?)?)?(?: ?(?:[A-Z]{3,4}|[+-]\\d{4})(?= \\d{4}\\b|\\W|$))?'

/** Whole things come first: a URL may hold a UUID, a UUID has parts of letters only, a path has numbers. */
const MASKS: readonly RegExp[] = [
  // A browser's name and the like, as access logs quote them.
  /(?<=")(?:Mozilla\/|[A-Za-z][\w.-]*\/v?\d)[^"]*(?=")/g,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>,;)\]]+(?<![.:!?])/gi,
  /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  new RegExp(
    `\\b${DAY}(?:${MONTH} +\\d{1,2}|\\d{1,2}[ /-]${MONTH}[ /-]\\d{4})${CLOCK}(?:,? +\\d{4}\\b)?`,
    'g',
  ),
  /(?:\/?(?<![\w.-])[\w.-]{0,64}\/)?\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?(?:\/\d+)?/g,
  /\b(?:[0-9a-f]{2}[:-]){5,}[0-9a-f]{2}\b/gi,
  /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}(?=[0-9a-f:])[0-9a-f]{0,4}(?:::?[0-9a-f]{1,4})*(?![\w:])/gi,
  /(?<![\w.-])(?:[\w-]+\.){2,}[\w-]+:\d+\b/g,
  /(?<![<\w.-])(?=[\w-]*[.\d])[a-z][\w-]*(?:\.[\w-]+)*:\d{2,5}(?=\.?(?:[\s,;)\]'"]|$))/gi,
  /\b[A-Za-z]:\\[^\s"'<>,;)\]]*/g,
  /(?<![\w.:)\]>*-])\/(?:[^\s"'<>,;:()[\]{}=|/]+\/)*[^\s"'<>,;:()[\]{}=|/]*(?:(?<=\?[^\s"'<>,;:()[\]{}=|/]*)[=&][^\s"'<>]*)?/g,
  /(?<![\w.])(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z_])[\w-]+(?:\.[\w$-]+)+(?![\w.])/g,
  /\b(?=[0-9a-f]*\d)(?=[0-9]*[a-f])[0-9a-f]{6,}\b/gi,
  /\b(?=[A-Za-z]*\d+[A-Za-z]+\d)[A-Za-z0-9]{10,}\b/g,
  /\b0x[0-9a-f]+/gi,
]

const UNITS =
  'ns|us|µs|ms|msec|msecs|s|sec|secs|seconds?|minutes?|mins?|hours?|hrs?|days?|[kmgt]i?b|kbytes|b|%|mhz|ghz|hz'
/** `1h2m0.5s`, `3m20s` */
const PERIOD = '(?:\\d+(?:\\.\\d+)?(?:d|h|m|s|ms|us|µs|ns)){2,6}'
const QUANTITY = new RegExp(
  `<?(?<![\\w*]|[\\w:=]-)[-+]?(?:${PERIOD}|\\d(?:[\\d,.]*\\d)?(?: ?(?:${UNITS})|[mhd])?)(?![\\w*])`,
  'gi',
)

export type MessageTokens = {
  readonly tokens: readonly string[]
  /** Where a blank stands before the token. */
  readonly gaps: readonly boolean[]
  /** The first token before which a word seems to be missing (`user  from <*>`, `id= of`), -1 where none is. */
  readonly missingAt: number
}

/**
 * The parts of a message that tell its kind: words and punctuation, with everything masked that is a value by its
 * form alone (numbers, addresses, ids, paths, dates, sizes). Lists of values count once, whatever their length.
 */
export function messageTokens(message: string): MessageTokens {
  let text = message.length > MAX_MESSAGE ? message.slice(0, MAX_MESSAGE) : message
  text = text.replace(NAMED_VALUE, `$1${ANY}`)
  text = text.replace(CONNECTION, '').replace(EMPTY, (pair) => pair.charAt(0) + ANY + pair.charAt(1))
  text = text.replace(LIST, ANY).replace(FIELDS, ANY).replace(SIZE_NOTE, '').replaceAll(REDACTED, ANY)
  for (const pattern of MASKS) text = text.replace(pattern, ANY)
  text = text.replace(LONG_WORD, (word) => (isRandom(word) ? ANY : word))
  text = text.replace(QUANTITY, ANY).replace(DIGITS_IN_WORD, ANY)
  return collapseLists(text.trim().replace(JOINED, ANY).match(TOKEN) ?? [])
}

const LONG_WORD = /\b(?=[A-Za-z]*\d)[A-Za-z\d]{10,64}\b/g

/** Random ids change between lower case, upper case and digits all the time; names do so where words meet. */
function isRandom(word: string): boolean {
  const changes = word.match(/[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g)?.length ?? 0
  return changes >= 4 && changes * 3 >= word.length
}

const MAX_MESSAGE = 4096
/** `allDrawn= true`, `tag="View Lock"`: a switch, or a few words in quotes, after a key. */
const NAMED_VALUE =
  /(\w=\s?)(?:(?:true|false|null|none|nil|undefined)\b|"(?:[^\s"]+ ?){0,3}"|'(?:[^\s']+ ?){0,3}')/gi
/** `*17 connect() failed`: the number of a connection before what happened to it. */
const CONNECTION = /^\*\d+ /
/** Nothing, where otherwise something is: `name ''`, `partitions []`. */
const EMPTY = /(?<!["'\w])(["'])\1(?!["'\w])|(?<!\w)\[\](?!\w)/g
/** `[web, db]`: a list of names, of any length. */
const LIST = /(?<=\[)[^\s,;=:()[\]{}"'<>]+(?:, ?[^\s,;=:()[\]{}"'<>]+)+(?=\])/g
/** `Partition(topic=orders, id=3)`, `{a=1, b=2}`: a value with fields. */
const FIELDS = /(?<=\w\(|[[{])\w+=[^=(){}[\]]*(?:, ?\w+=[^=(){}[\]]*){1,40}(?=[)}\]])/g
/** `(1.26 KB)` repeats the number before it. */
const SIZE_NOTE = /(?<=\d [a-z]+) ?\(\d[\d.,]* ?[kmgt]?i?b\)/gi
/** But not the one digit of `IPV6`, `SHA1`, `L2`: a name. */
const DIGITS_IN_WORD = /(?<=[_:=])-?\d+|(?<!\b[A-Z]+)\d+|\d{2,}|\d(?=\w)/g
/** Values joined by their own punctuation are one value: `2026<*>-<*>`, `<*>:<*>:<*>`. */
const JOINED = /<\*>(?:[-_:./,#~@+]*[A-Za-z]?[-_:./,#~@+]*<\*>)+/g
/** The full stop after a word is no part of it, as it is none of a value. */
const TOKEN =
  /\s*(?:<\*>|(?:[^\s=:,;()[\]{}"'|<>]|<\*>)+?(?=\.(?:\s|$)|[\s=:,;()[\]{}"'|>]|<(?!\*>)|$)|[=:,;()[\]{}"'|<>.])/g

/** `<*> <*> <*>`, `<*>, <*>, <*>` and `cn<*> cn<*>` become `<*>`. */
function collapseLists(parts: readonly string[]): MessageTokens {
  const tokens: string[] = []
  const gaps: boolean[] = []
  // What the items of the list at the end of `tokens` look like.
  let item = ''
  let missingAt = -1
  for (const part of parts) {
    const token = part.trimStart()
    const last = tokens.at(-1) ?? ''
    const afterComma = (last === ',' || last === ';') && isListOf(tokens.at(-2) ?? '', { token, item })
    if (isValue(token) && (afterComma || isListOf(last, { token, item }))) {
      if (afterComma) {
        tokens.pop()
        gaps.pop()
      }
      tokens[tokens.length - 1] = ANY
      item = token
      continue
    }
    if (token !== ',' && token !== ';') item = ''
    const blanks = part.length - token.length
    const isTwoBlanks = blanks === 2 && ENDS_WORD.test(last)
    const isBareKey = blanks === 1 && last === '=' && gaps.at(-1) === false
    if (missingAt < 0 && (isTwoBlanks || isBareKey)) missingAt = tokens.length
    tokens.push(token)
    gaps.push(token.length < part.length)
  }
  if (missingAt < 0 && /^[:=]$/.test(tokens.at(-1) ?? '')) missingAt = tokens.length
  return { tokens, gaps, missingAt }
}

const ENDS_WORD = /[\w>:]$/

function isValue(token: string): boolean {
  return token.includes(ANY)
}

function isListOf(before: string, { token, item }: { token: string; item: string }): boolean {
  return (
    before === token || (before === ANY && (token === item || (isValue(token) && !/[A-Za-z]{3}/.test(token))))
  )
}

/** A template as people read it. */
export function renderTokens({ tokens, gaps }: MessageTokens): string {
  return tokens.map((token, at) => (gaps[at] && at > 0 ? ` ${token}` : token)).join('')
}
