import type { Fingerprint } from '../telemetry/index.ts'
import type { FindingKind } from './finding.ts'
import type { SymptomRule } from './symptom-rule.ts'
import { codeSymptoms } from './symptoms-of-code.ts'
import { databaseSymptoms } from './symptoms-of-databases.ts'
import { machineSymptoms } from './symptoms-of-machines.ts'
import { networkSymptoms } from './symptoms-of-network.ts'

export type Symptom = {
  readonly kind: FindingKind
  readonly strength: number
  /** One line is enough: see `SymptomRule`. */
  readonly once: boolean
  /** The words that told it: `Type: message` or the line. */
  readonly text: string
}

// Order is meaning: the first rule that matches wins, so the specific stand before the general. A refused login
// arrives inside "connection to server … failed", and a name that does not resolve inside "cannot connect".
const rules: readonly SymptomRule[] = [
  ...databaseSymptoms,
  ...machineSymptoms,
  ...networkSymptoms,
  ...codeSymptoms,
]

/** Messages are cut here before matching: a page of HTML in an exception message costs time and says nothing. */
const LONGEST = 2000

/** What kind of error a fingerprint is, or null where its words tell nothing. */
export function classifySymptom(fingerprint: Fingerprint): Symptom | null {
  const isQuiet =
    fingerprint.exception === null && ['INFO', 'DEBUG', 'TRACE'].includes(fingerprint.severityText)
  const texts = textsOf(fingerprint)
  for (const rule of rules) {
    if (isQuiet && rule.quiet !== true) continue
    const text = texts.find((candidate) => rule.pattern.test(candidate))
    if (text === undefined) continue
    return { kind: rule.kind, strength: rule.strength ?? 1, once: rule.once ?? false, text }
  }
  return null
}

/** The cause at the root of a chain first: it is the most telling; a wrapper says only that something failed. */
function textsOf(fingerprint: Fingerprint): readonly string[] {
  const links = (fingerprint.exception ?? []).map((link) => `${link.type}: ${link.message}`.slice(0, LONGEST))
  if (links.length > 0) return links.reverse()
  const example = fingerprint.examples[0]?.text
  if (example === undefined) return [fingerprint.template]
  return [withoutHeader(example, fingerprint.template).slice(0, LONGEST), fingerprint.template]
}

/** Time, level and process of a line say nothing of what went wrong; the template knows where the message begins. */
function withoutHeader(example: string, template: string): string {
  const start = template.split('<*>')[0]?.trim() ?? ''
  const at = start.length < 3 ? -1 : example.indexOf(start)
  return at > 0 ? example.slice(at) : example
}

const resourcePatterns: readonly RegExp[] = [
  /\bhost='?([\w.-]+)'?, port=(\d+)/,
  /\b(?:https?|postgres(?:ql)?|mysql|redis|amqps?|mongodb(?:\+srv)?):\/\/(?:[^@\s/"']*@)?([\w.-]+)(?::(\d+))?/,
  /\b(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH) ([\w.:-]*?[\w.-]+):(\d+)/,
  /\bdial (?:tcp|udp)[46]?:? ([\w.-]+):(\d+)/,
  /\b(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)/,
  /\blookup ([\w.-]+)/,
  /\bhost(?: ?name)? "([\w.-]+)"/,
  /UnknownHostException: ([\w.-]+)/,
  /\bserver at "([\w.-]+)"(?: \([\d.]+\))?, port (\d+)/,
  /\b(?:to|with|from|connect) (?:\/)?([\w-]+(?:\.[\w-]+)+):(\d+)/i,
  /\b([\w-]+(?:\.[\w-]+)*):(\d{2,5})\b(?=.*refused)/i,
]

/** Drivers point to their manuals: those hosts are no part of the incident. */
const documentation =
  /\((?:background on this error|see|more info)[^)]*\)|\b(?:see|more info|docs?|visit|learn more|details)\b[^/\n]{0,20}https?:\S+/gi

/** `payments.example.com:443` where an error names the other side; null where it does not. */
export function resourceIn(text: string): string | null {
  const said = text.replaceAll(documentation, '')
  for (const pattern of resourcePatterns) {
    const found = pattern.exec(said)
    if (found?.[1] === undefined) continue
    return found[2] === undefined ? found[1] : `${found[1]}:${found[2]}`
  }
  return null
}
