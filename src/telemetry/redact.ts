/** What replaces a secret. */
export const REDACTED = '[redacted]'

const SECRET_NAME =
  '(?:pass(?:word|wd|phrase)|(?<=[_-])pass|pass(?=["\']?\\s*=|\\\\?["\']\\s*:)|pwd|secret|token|api[-_ ]?key|apikey|access[-_ ]?key(?:[-_ ]?id)?|secret[-_ ]?key|private[-_ ]?key|' +
  'client[-_ ]?secret|credential|session[-_]?(?:id|token)|sessid|jsessionid|phpsessid|csrf(?:[-_]?token)?|xsrf|signature|otp|cvv|ssn|' +
  '(?:set-)?cookie|x-api-key)'

type Rule = { readonly hint: RegExp; readonly pattern: RegExp; readonly replacement: string }

/** Each rule has a cheap hint, so that most texts pass without the costly patterns. */
const TOKEN_RULES: readonly Rule[] = [
  {
    hint: /-----BEGIN/,
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replacement: REDACTED,
  },
  {
    hint: /:\/\/[^/\s]*@/,
    pattern: /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@'"]+@/gi,
    // In brackets, or the rule for e-mail addresses would take the host for a part of one.
    replacement: `$1${REDACTED}@`,
  },
  {
    hint: /bearer|basic|authorization/i,
    pattern:
      /\b(bearer|basic|digest|authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer |basic |token )?)\s{0,4}[\w~+/.=-]{6,}/gi,
    replacement: `$1 ${REDACTED}`,
  },
  { hint: /eyJ/, pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, replacement: REDACTED },
  {
    hint: /AKIA|ASIA|gh[pousr]_|glpat-|xox|sk[-_]|pk_|rk_|AIza|npm_|SG\./,
    pattern:
      /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[\w-]{16,}|AIza[\w-]{30,}|npm_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
    replacement: REDACTED,
  },
  {
    hint: /@|%40/,
    // Looked for from the first character of a run only: from each, a long run would take quadratic time.
    pattern: /(?<![\w.+-])[\w.+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b/g,
    replacement: REDACTED,
  },
]

/** `password: x`, `token=x`: in a log line the value is whatever stands there. JSON in JSON escapes its quotes again. */
const NAMED_VALUE: Rule = {
  hint: /pass|pwd|secret|token|key|credential|sess|csrf|xsrf|signature|otp|cvv|ssn|cookie/i,
  pattern: new RegExp(
    `((?:(?<![A-Za-z])|(?<=%[0-9a-f]{2}))(?:[\\w.-]{0,40}[-_.])?${SECRET_NAME}(?:\\\\{0,7}["']|%22)?\\s{0,8}(?:=>|:=|[=:](?!=)|%3[ad](?:%22)?)\\s{0,8})(\\\\{0,7}"(?:[^"\\\\]|\\\\[^"])*\\\\{0,7}"|'[^']*'|[^\\s,;&"'\\])}]+)`,
    'gi',
  ),
  replacement: `$1${REDACTED}`,
}

/** `--password x`, also as a list of arguments; `mysql -px`. Processes report their command lines as attributes. */
const OPTION_RULES: readonly Rule[] = [
  {
    hint: /--?[a-z]/i,
    pattern: new RegExp(
      `((?<![\\w-])--?(?:[\\w.]{1,20}-){0,3}${SECRET_NAME}(?:\\s{1,8}|\\\\?["']\\s{0,4},\\s{0,4}(?=\\\\?["'])))(?!-)(\\\\?"(?:[^"\\\\]|\\\\[^"])*\\\\?"|'[^']*'|[^\\s,;&"'\\])}]+)`,
      'gi',
    ),
    replacement: `$1${REDACTED}`,
  },
  {
    hint: /mysql|mariadb/,
    pattern: /(\b(?:mysql|mariadb)[\w-]{0,20}\s[^\n]{0,200}?(?<=\s)-p)[^\s"']+/g,
    replacement: `$1${REDACTED}`,
  },
]

/** In source only a literal is a secret: `token = read_token()` shows none, and must stay readable. */
const NAMED_LITERAL: Rule = {
  hint: NAMED_VALUE.hint,
  pattern: new RegExp(
    `((?:[\\w.-]*[-_.])?${SECRET_NAME}["'\\]]*\\s*(?::\\s*\\w+\\s*)?(?:=>|:=|[=:](?!=))\\s*[rbuf]?)("(?:[^"\\\\]|\\\\.){4,}"|'(?:[^'\\\\]|\\\\.){4,}'|\`[^\`$]{4,}\`)`,
    'gi',
  ),
  replacement: `$1"${REDACTED}"`,
}

const CARD = /(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w-])/g

/**
 * Takes secrets out of a text: passwords, tokens, keys, credentials in URLs, e-mail addresses, payment cards. Errs
 * on the side of taking out too much.
 */
export function redact(text: string): string {
  return applyRules(text, LOG_RULES)
}

/** The same for source code and diffs, which stay code: names, calls and comparisons are left as they are. */
export function redactCode(text: string): string {
  return applyRules(text, CODE_RULES)
}

const LOG_RULES: readonly Rule[] = [...TOKEN_RULES, NAMED_VALUE, ...OPTION_RULES]
const CODE_RULES: readonly Rule[] = [...TOKEN_RULES, NAMED_LITERAL]

function applyRules(text: string, rules: readonly Rule[]): string {
  let clean = text
  for (const { hint, pattern, replacement } of rules) {
    if (hint.test(clean)) clean = clean.replace(pattern, replacement)
  }
  return /\d(?:[ -]?\d){12}/.test(clean)
    ? clean.replace(CARD, (digits) => (isCard(digits) ? REDACTED : digits))
    : clean
}

/** First digits and lengths of the card networks (ISO/IEC 7812): an order number of 16 digits is no card by chance. */
const CARD_NETWORKS =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}|(?:50|5[6-8]|6[1379])\d{14})$/

/** A network's digits, and Luhn's check digit. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  if (!CARD_NETWORKS.test(digits)) return false
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    sum += at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}
