import { chainFromFields, exceptionKey, messageTokens, redact, renderTokens } from '../telemetry/index.ts'
import type { Attributes, LogRecord } from '../telemetry/index.ts'
import { createHash } from 'node:crypto'

/** What kind of error a record is; the same id as the batch half of detection gives an exception. */
export type ErrorFingerprint = {
  readonly id: string
  readonly template: string
  readonly isException: boolean
}

export type ErrorFingerprinter = {
  /** Null where the budget of the second is spent: an error storm must not cost more than it tells. */
  readonly ofLog: (record: LogRecord) => ErrorFingerprint | null
  readonly ofException: (attributes: Attributes) => ErrorFingerprint | null
  readonly refill: () => void
}

const MAX_CACHED = 5000
const BUDGET = 500
const MAX_TEMPLATE = 300
const MAX_KEY = 2048
const ERROR_NUMBER = 17
const WARN_NUMBER = 13
const ERROR_WORD = /^(?:err|fatal|crit|emerg|alert|severe|panic)/i

/** Error severity, or an exception that was not logged as something less than a warning. */
export function isErrorRecord({ severityNumber, severityText, attributes }: LogRecord): boolean {
  if (severityNumber >= ERROR_NUMBER) return true
  if (severityNumber === 0 && severityText !== '' && ERROR_WORD.test(severityText)) return true
  const mayCarry = severityNumber === 0 || severityNumber >= WARN_NUMBER
  return mayCarry && attributes.size > 0 && attributes.has('exception.type')
}

/** Texts that differ in their digits only are looked up, not taken apart again. */
export function createErrorFingerprinter(): ErrorFingerprinter {
  let young = new Map<string, ErrorFingerprint>()
  let old = new Map<string, ErrorFingerprint>()
  let budget = BUDGET

  function cached(key: string, make: () => ErrorFingerprint): ErrorFingerprint | null {
    const known = young.get(key) ?? old.get(key)
    if (known) return known
    if (budget <= 0) return null
    budget -= 1
    const made = make()
    if (young.size >= MAX_CACHED) {
      old = young
      young = new Map()
    }
    young.set(key, made)
    return made
  }

  function ofException(attributes: Attributes): ErrorFingerprint | null {
    const type = attributes.get('exception.type') ?? ''
    const message = attributes.get('exception.message') ?? ''
    const stack = attributes.get('exception.stacktrace') ?? ''
    const told = stack === '' ? message.replaceAll(/\d+/g, '0') : stack
    return cached(`e${type}\n${told.slice(0, MAX_KEY)}`, () => exceptionOf({ type, message, stack }))
  }

  return {
    ofLog(record) {
      if (record.attributes.has('exception.type')) return ofException(record.attributes)
      const body = record.body.slice(0, MAX_KEY)
      return cached(`l${body.replaceAll(/\d+/g, '0')}`, () => lineOf(body))
    },
    ofException,
    refill() {
      budget = BUDGET
    },
  }
}

function lineOf(body: string): ErrorFingerprint {
  const template = renderTokens(messageTokens(redact(body)))
  const shown = template === '' ? '(empty)' : template
  return { id: idOf(template), template: shown.slice(0, MAX_TEMPLATE), isException: false }
}

function exceptionOf(told: {
  readonly type: string
  readonly message: string
  readonly stack: string
}): ErrorFingerprint {
  const { type, message, stack } = told
  const named = [{ type: type === '' ? 'Error' : type, message, frames: [] }]
  const chain =
    chainFromFields({
      'exception.type': type,
      'exception.message': message,
      'exception.stacktrace': stack,
    }) ?? named
  const outermost = chain[0] ?? { type, message }
  const said = outermost.message === '' ? '' : `: ${renderTokens(messageTokens(redact(outermost.message)))}`
  return {
    id: idOf(exceptionKey(chain)),
    template: `${outermost.type}${said}`.slice(0, MAX_TEMPLATE),
    isException: true,
  }
}

function idOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12)
}
