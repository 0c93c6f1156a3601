import type { Span, SpanKind } from '../telemetry/index.ts'

/** The exporter's words for span kinds and states, and back. */
export const SPAN_KIND_WORDS: Readonly<Record<SpanKind, string>> = {
  unspecified: 'Unspecified',
  internal: 'Internal',
  server: 'Server',
  client: 'Client',
  producer: 'Producer',
  consumer: 'Consumer',
}

export const STATUS_WORDS: Readonly<Record<Span['status'], string>> = {
  unset: 'Unset',
  ok: 'Ok',
  error: 'Error',
}

const kinds = new Map(Object.entries(SPAN_KIND_WORDS).map(([kind, word]) => [word, kind as SpanKind]))
const states = new Map(Object.entries(STATUS_WORDS).map(([state, word]) => [word, state as Span['status']]))

/** Older exporters wrote `SPAN_KIND_SERVER`. */
export function spanKindOf(word: string): SpanKind {
  const short = word.startsWith('SPAN_KIND_') ? word.slice(10).toLowerCase() : word
  return kinds.get(word) ?? kinds.get(short.charAt(0).toUpperCase() + short.slice(1)) ?? 'unspecified'
}

/** Older exporters wrote `STATUS_CODE_ERROR`. */
export function statusOf(word: string): Span['status'] {
  const short = word.startsWith('STATUS_CODE_') ? word.slice(12).toLowerCase() : word.toLowerCase()
  return states.get(short.charAt(0).toUpperCase() + short.slice(1)) ?? 'unset'
}
