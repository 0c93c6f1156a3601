import { recogniseFormat } from '../lines/recognise.ts'

/** What the first bytes of an input say that it is. */
export type LogContent =
  | { readonly kind: 'text'; readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' }
  | { readonly kind: 'compressed'; readonly codec: 'gzip' | 'zstd' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'binary'; readonly what: string }

/** Beginnings of files that are no logs, and what a person calls them. */
const MAGIC: readonly (readonly [bytes: string, what: string])[] = [
  ['\xfd7zXZ\0', 'an xz archive'],
  ['BZh', 'a bzip2 archive'],
  ['PK\x03\x04', 'a zip archive'],
  ['PK\x05\x06', 'an empty zip archive'],
  ['7z\xbc\xaf', 'a 7z archive'],
  ['Rar!', 'a rar archive'],
  ['\x04\x22\x4d\x18', 'an lz4 archive'],
  ['LPKSHHRH', 'a systemd journal'],
  ['\x7fELF', 'a program'],
  ['MZ', 'a program'],
  ['\xca\xfe\xba\xbe', 'compiled Java'],
  ['\x89PNG', 'an image'],
  ['\xff\xd8\xff', 'an image'],
  ['GIF8', 'an image'],
  ['RIFF', 'an image or a sound'],
  ['%PDF-', 'a PDF document'],
  ['SQLite format 3\0', 'a database'],
  ['\0asm', 'a WebAssembly module'],
  ['ElfFile\0', 'a Windows event log'],
  ['OTTO', 'a font'],
  ['wOFF', 'a font'],
  ['wOF2', 'a font'],
]

/** Over one byte in twenty being a control character is no text. */
const CONTROL_SHARE = 0.05

/** Judges an input by its first bytes (64 kB are plenty). */
export function sniffContent(head: Uint8Array): LogContent {
  if (head.length === 0) return { kind: 'empty' }
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'compressed', codec: 'gzip' }
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) {
    return { kind: 'compressed', codec: 'zstd' }
  }
  if (head[0] === 0xff && head[1] === 0xfe) return { kind: 'text', encoding: 'utf-16le' }
  if (head[0] === 0xfe && head[1] === 0xff) return { kind: 'text', encoding: 'utf-16be' }
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('latin1')
  const magic = MAGIC.find(([bytes]) => start.startsWith(bytes))
  // `MZ…` and `BZh…` could begin a line of text: letters alone do not make a binary.
  if (magic !== undefined && (/[^\x20-\x7e]/.test(magic[0]) || hasControls(head) || magic[0].length > 4)) {
    return { kind: 'binary', what: magic[1] }
  }
  return judgeBytes(head)
}

function judgeBytes(head: Uint8Array): LogContent {
  let nul = 0
  let nulEven = 0
  for (let i = head.indexOf(0); i >= 0 && i < head.length; i++) {
    if (head[i] !== 0) continue
    nul++
    if (i % 2 === 0) nulEven++
  }
  // UTF-16 without a mark: in western text every other byte is zero, all on one side.
  if (nul > head.length * 0.3 && nul < head.length * 0.6) {
    if (nulEven < nul * 0.05) return { kind: 'text', encoding: 'utf-16le' }
    if (nulEven > nul * 0.95) return { kind: 'text', encoding: 'utf-16be' }
  }
  // A truncated and reopened log begins with a hole, which reads as zeros; only what else is there counts.
  if (nul === head.length || hasControls(head)) return { kind: 'binary', what: 'binary data' }
  return { kind: 'text', encoding: 'utf-8' }
}

/** 1 for control characters but tab, line feed, form feed, carriage return, backspace, bell and escape. */
const CONTROL = new Uint8Array(256)
CONTROL.fill(1, 1, 32)
CONTROL.fill(0, 7, 14)
CONTROL[27] = 0
CONTROL[127] = 1

function hasControls(head: Uint8Array): boolean {
  let controls = 0
  let zeros = 0
  for (let at = 0; at < head.length; at++) {
    const byte = head[at] as number
    controls += CONTROL[byte] as number
    if (byte === 0) zeros++
  }
  return controls > (head.length - zeros) * CONTROL_SHARE
}

/** Names of files that are something else than logs, whatever stands in them. */
const OTHER_KIND =
  /\.(?:py|pyc|js|mjs|cjs|ts|tsx|jsx|java|class|jar|go|rb|php|cs|rs|c|h|cc|cpp|hpp|kt|scala|swift|sh|bash|sql|md|rst|html?|css|scss|vue|ya?ml|toml|ini|cfg|conf|env|lock|xml|svg|png|jpe?g|gif|ico|webp|pdf|docx?|xlsx?|zip|tar|tgz|whl|so|dll|exe|o|a|db|sqlite3?|wal|shm|pid|sock|pem|key|crt|map|patch|diff|ipynb|parquet|pkl|npy|service|journal)$/i
const LOG_NAME =
  /(?:\.(?:log|out|err|jsonl|ndjson|trace)(?:[.\-_].*)?|[.\-_]log(?:[.\-_].*)?|(?:^|[/\\])(?:syslog|messages|stdout|stderr|dmesg|catalina)(?:[.\-_].*)?)$/i

/** May a file in a folder be a log by its name? `sure` names are taken as they are, `maybe` ones are looked into. */
export function judgeName(name: string): 'sure' | 'maybe' | 'no' {
  const plain = name.replace(/(?:\.(?:gz|zst|zstd))$/i, '')
  if (LOG_NAME.test(plain)) return 'sure'
  return OTHER_KIND.test(plain) ? 'no' : 'maybe'
}

/** Does text read like a log: do most lines that begin a record have a time or a level? */
export function readsLikeLog(text: string): boolean {
  const lines = text.split(/\r?\n/, 60).filter((line) => line.trim() !== '')
  const format = recogniseFormat(lines)
  if (format.name === 'plain') return false
  const context = { timeZone: 'UTC', now: Date.UTC(2099, 0, 1) }
  const headed = lines.filter((line) => {
    const parsed = format.parse(line, context)
    return parsed !== null && (parsed.timestamp !== null || (parsed.headed && parsed.severityText !== ''))
  })
  return headed.length * 4 >= lines.length
}
