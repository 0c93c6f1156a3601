import type { EpochMs } from '../../time.ts'
import type { UserReport } from '../user-report.ts'
import { isFields } from './json-fields.ts'

/** What a person may write at most, in characters. */
const LONGEST_TEXT = 4_000
const LONGEST_URL = 2_000
const LONGEST_SERVICE = 200

const EXPECTED = '{"text": what is wrong, "service"?: its name, "url"?: the page}'

export type ParsedReport =
  | { readonly ok: true; readonly report: UserReport }
  | { readonly ok: false; readonly reason: string }

/**
 * What somebody says is broken, from a form or JSON: `{text, service?, url?}`. Empty optional fields are as if they
 * were left out. Refuses what has no text, or is too long to have been written by a person.
 */
export function parseUserReport(
  body: unknown,
  about: { readonly id: string; readonly at: EpochMs; readonly source: string },
): ParsedReport {
  if (!isFields(body)) return { ok: false, reason: `expected ${EXPECTED}, found no object` }
  const text = textOf('text', body['text'], LONGEST_TEXT)
  const service = textOf('service', body['service'], LONGEST_SERVICE)
  const url = textOf('url', body['url'], LONGEST_URL)
  for (const field of [text, service, url]) if (!field.ok) return field
  if (!text.ok || text.value === null) return { ok: false, reason: `expected ${EXPECTED}, found no text` }
  const report = {
    ...about,
    text: text.value,
    service: service.ok ? service.value : null,
    url: url.ok ? url.value : null,
  }
  return { ok: true, report }
}

type Field =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly reason: string }

function textOf(name: string, value: unknown, limit: number): Field {
  if (value === undefined || value === null) return { ok: true, value: null }
  if (typeof value !== 'string')
    return { ok: false, reason: `expected ${EXPECTED}, found "${name}" that is no text` }
  const text = value.trim()
  if (text.length > limit)
    return { ok: false, reason: `expected "${name}" of at most ${limit} characters, found ${text.length}` }
  return { ok: true, value: text === '' ? null : text }
}
