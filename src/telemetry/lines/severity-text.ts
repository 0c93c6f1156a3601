import type { SeverityText } from '../fingerprint.ts'

/** Words of all the loggers. */
const WORDS: ReadonlyMap<string, SeverityText> = new Map([
  ...words('FATAL', 'fatal critical crit emerg emergency alert panic dpanic ftl'),
  ...words('ERROR', 'error err eror erro severe fail failure e'),
  ...words('WARN', 'warn warning wrn caution w'),
  ...words('INFO', 'info information informational inf notice note config log success audit i n'),
  ...words('DEBUG', 'debug dbug debu dbg fine verbose v d'),
  ...words('TRACE', 'trace trce trac trc finer finest silly vrb t'),
])

/** Each word as loggers write it: small, in capitals, with one capital. */
function words(severityText: SeverityText, list: string): (readonly [string, SeverityText])[] {
  return list.split(' ').flatMap((word) => {
    const capital = word.charAt(0).toUpperCase() + word.slice(1)
    return [word, word.toUpperCase(), capital].map((form) => [form, severityText] as const)
  })
}

/** The severity that a logger's word means: `WARNING`, `crit`, `Info`; null for any other word. */
export function severityOfWord(word: string): SeverityText | null {
  return WORDS.get(word) ?? null
}

/** pino, bunyan: 10 trace … 60 fatal. Between two steps the lower one counts. */
export function severityOfPino(level: number): SeverityText {
  if (level >= 60) return 'FATAL'
  if (level >= 50) return 'ERROR'
  if (level >= 40) return 'WARN'
  if (level >= 30) return 'INFO'
  return level >= 20 ? 'DEBUG' : 'TRACE'
}

/** Python's `levelno`: 10 debug … 50 critical. */
export function severityOfPython(level: number): SeverityText {
  return level < 10 ? 'TRACE' : severityOfPino(level + 10)
}

/** syslog and journald: 0 emergency … 7 debug. */
export function severityOfSyslog(level: number): SeverityText {
  if (level <= 2) return 'FATAL'
  if (level === 3) return 'ERROR'
  if (level === 4) return 'WARN'
  return level <= 6 ? 'INFO' : 'DEBUG'
}

/** logback's `level_value`: 5000 trace … 40000 error. */
export function severityOfLogback(level: number): SeverityText {
  if (level >= 50_000) return 'FATAL'
  if (level >= 40_000) return 'ERROR'
  if (level >= 30_000) return 'WARN'
  if (level >= 20_000) return 'INFO'
  return level >= 10_000 ? 'DEBUG' : 'TRACE'
}

/** OpenTelemetry's `severityNumber`: 1–4 trace … 21–24 fatal. */
export function severityOfOpenTelemetry(level: number): SeverityText {
  if (level < 1) return ''
  return (['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const)[Math.ceil(level / 4) - 1] ?? 'FATAL'
}

/** Monolog's: 100 debug, 200 info, 250 notice, 300 warning, 400 error, 500 critical; GCP counts alike. */
export function severityOfMonolog(level: number): SeverityText {
  if (level >= 500) return 'FATAL'
  if (level >= 400) return 'ERROR'
  if (level >= 300) return 'WARN'
  return level >= 200 ? 'INFO' : 'DEBUG'
}

/** A number under a key that does not say whose scale it is: told apart by its size. */
export function severityOfNumber(level: number): SeverityText {
  if (level < 0 || !Number.isFinite(level)) return ''
  if (level < 10) return severityOfSyslog(level)
  if (level < 100) return severityOfPino(level)
  return level < 1000 ? severityOfMonolog(level) : severityOfLogback(level)
}

/** `error: …`, `warning - …`, `[error] …`, `PHP Fatal error:  …`: a word that stands as a label. */
const LABEL =
  /^(?:\[|<|\()?(?:PHP |npm |Npgsql |Java )?(fatal error|parse error|recoverable fatal error|user error|strict standards|deprecated|fatal|critical|crit|emerg|alert|panic|severe|error|err!?|warning|warn|notice|info|debug|trace|verbose)(?:\]|>|\)|\s?:| -|!|$)/i

const LABEL_WORDS: Readonly<Record<string, SeverityText>> = {
  'fatal error': 'ERROR',
  'parse error': 'ERROR',
  'recoverable fatal error': 'ERROR',
  'user error': 'ERROR',
  'strict standards': 'WARN',
  deprecated: 'WARN',
  'err!': 'ERROR',
}

/** `Error while …`, `error connecting to …`: the word tells of a failure only when it goes on like this. */
const ERROR_SENTENCE =
  /^(?:an?\s)?(?:unexpected |internal |unknown |unhandled |uncaught |fatal )?error (?:while|when|in|on|at|during|from|occurred|code:?|no:?|(?!handling|reporting|logging|tracking|budgeting|monitoring)[a-z]+ing)\b/i

const FAILURE_WORDS =
  /^(?:(?:un(?:handled|caught|expected)|exception|traceback \(most recent|segmentation fault|segfault|panicked at|core dumped|out ?of ?memory|internal server error|assertion failed|killed process|access denied|permission denied|connection refused)\b|(?:failed|failure|unable|could ?n[o']t|cannot|can't) (?:to |while |when |in |on |at |during |connect|open|read|write|find|load|parse)?|thread '[^']*' (?:\(\d+\) )?panicked|goroutine \d+ \[|exception in thread |rejected|aborted\b)/i

/** `ValueError: …`, `java.io.IOException: …`, `psycopg2.errors.UniqueViolation: …`, `Foo::BarError (…)`. */
const EXCEPTION_HEAD =
  /^(?:[A-Za-z_$][\w$]*(?:\.|::|\\|\/))*[A-Za-z_$][\w$]*(?:Error|Exception|Fault|Panic|Violation|Interrupt|Exit|Timeout|Failure)(?:\[\w+\])?(?::|$| \(|: )/

/** `cart.rb:25:in 'fetch': key not found (KeyError)` */
const RUBY_HEAD = /^\S+\.rb:\d+:in [`'].*\([\w:]+\)$/

/** Names that don't say so themselves: `ActiveRecord::RecordNotFound (…)`, `django.core.exceptions.ImproperlyConfigured: …`. */
const EXCEPTION_PLACE = /^(?:[A-Z]\w*(?:::[A-Z]\w*)+ \(|(?:\w+\.)+(?:exceptions?|errors?|exc)\.[A-Z]\w*:)/

const ZERO_FAILURES = /^(?:failed|failures?)\s*[:=]\s*0\b/i

/**
 * What a line without a level of its own is: read from how the message begins, never from a word in its middle.
 * `Error budget remaining 99.2%` and `0 errors` are nothing; `ValueError: …` and `Failed to connect` are errors.
 */
export function inferSeverity(message: string): SeverityText {
  const head = message.length > 240 ? message.slice(0, 240) : message
  const text = head.trimStart()
  const first = text.charCodeAt(0)
  if (Number.isNaN(first) || (first >= 48 && first <= 57)) return ''
  const label = LABEL.exec(text)
  if (label) {
    const word = (label[1] ?? '').toLowerCase()
    return LABEL_WORDS[word] ?? severityOfWord(word) ?? ''
  }
  if (ZERO_FAILURES.test(text)) return ''
  if (FAILURE_WORDS.test(text) || ERROR_SENTENCE.test(text)) return 'ERROR'
  if (EXCEPTION_HEAD.test(text) || EXCEPTION_PLACE.test(text)) return 'ERROR'
  return text.includes('.rb:') && RUBY_HEAD.test(text) ? 'ERROR' : ''
}
