import type { CauseId } from '../../contract/causes.ts'
import type { CodeLocation } from '../factor.ts'
import type { Finding, FindingKind } from '../finding.ts'

/** What is known of this incident when a cause is put into words. */
export type CauseContext = {
  /** Those that support the cause, most telling first. */
  readonly findings: readonly Finding[]
  readonly commit: { readonly sha: string; readonly subject: string } | null
  readonly location: CodeLocation | null
  /** The database, host or pool that the findings name. */
  readonly resource: string | null
  readonly exception: { readonly type: string; readonly message: string } | null
  /** What users felt: `214 of 430 requests to GET / failed (49.8 %)`. */
  readonly impact: string
}

export type CausalChain = readonly [trigger: string, component: string, mechanism: string, symptom: string]

/** One look that tells more: what for, and the command where there is one. */
export type Look = { readonly what: string; readonly command: string | null }

/**
 * An entry of the catalogue. In the texts `{commit}`, `{place}` and `{resource}` stand for what is known of the
 * incident at hand (`fillIn`); docs/causes.md shows them as they are.
 */
export type Cause = {
  readonly id: CauseId
  readonly title: string
  readonly symptoms: readonly string[]
  readonly investigation: readonly Look[]
  readonly immediateFix: readonly string[]
  readonly permanentFix: readonly string[]
  readonly verify: readonly string[]
  /** Measures against a recurrence of this cause, not of incidents in general. */
  readonly prevention: readonly string[]
  chain(context: CauseContext): CausalChain
  /** One or two sentences with place and numbers. */
  summary(context: CauseContext): string
}

/** The summary of the clearest finding of these kinds, or null. */
export function observed(context: CauseContext, ...kinds: readonly FindingKind[]): string | null {
  return context.findings.find((finding) => kinds.includes(finding.kind))?.summary ?? null
}

/** What speaks most clearly of what the commit did, without naming it again (the trigger does); or null. */
export function whatTheCommitDid({ findings, commit }: CauseContext): string | null {
  if (commit === null) return null
  const name = `commit ${commit.sha.slice(0, 10)} "${commit.subject}": `
  const told = findings
    .filter(({ kind, summary }) => kind.startsWith('commit-') && summary.startsWith(name))
    .map(({ summary }) => summary.slice(name.length))
    .find((what) => !what.startsWith('its '))
  return told === undefined ? null : `a commit ${told}`
}

/** `app.py:15 in home`, or the words for an unknown place. */
export function placeOf(context: CauseContext, otherwise = 'the failing code'): string {
  const { location } = context
  if (location === null) return otherwise
  const line = location.line === null ? '' : `:${location.line}`
  return `${location.file}${line}${location.function === null ? '' : ` in ${location.function}`}`
}

/** `commit 1a2b3c4d5e "Subject"`, or what set it off where no commit did. */
export function triggerOf(context: CauseContext, otherwise: string): string {
  return context.commit === null
    ? otherwise
    : `commit ${context.commit.sha.slice(0, 10)} "${context.commit.subject}"`
}

/** ` (since commit …)` at the end of a sentence, or nothing. */
export function since(context: CauseContext): string {
  return context.commit === null ? '' : `, since ${triggerOf(context, '')}`
}

/** ` of payments:443`, or nothing. */
export function ofResource(context: CauseContext, preposition: string): string {
  return context.resource === null ? '' : ` ${preposition} ${context.resource}`
}

/** `Type: message`, cut to a line; or the words for an unknown error. */
export function errorOf(context: CauseContext, otherwise = 'the error'): string {
  if (context.exception === null) return otherwise
  const text = `${context.exception.type}: ${context.exception.message}`.replaceAll(/\s+/g, ' ')
  return text.length > 140 ? `${text.slice(0, 139)}…` : text
}

/** A catalogue text in the words of this incident. */
export function fillIn(text: string, context: CauseContext): string {
  return text
    .replaceAll('{commit}', context.commit === null ? 'the failing release' : context.commit.sha.slice(0, 10))
    .replaceAll('{place}', placeOf(context))
    .replaceAll('{resource}', context.resource ?? 'the other side')
}
