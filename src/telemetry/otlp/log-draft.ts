import { NO_ATTRIBUTES } from '../attributes.ts'
import type { LogRecord } from '../log-record.ts'
import { isInTime, plausibleTime } from './decode-run.ts'
import type { DecodeRun } from './decode-run.ts'
import type { Origin } from './origin.ts'

/** A log record as it was sent, in either encoding; times in milliseconds, 0 where the sender knew none. */
export type LogDraft = {
  origin: Origin
  time: number
  observed: number
  severityNumber: number
  severityText: string
  body: string
  attributes: Map<string, string> | null
  traceId: string
  spanId: string
  flags: number
  eventName: string
}

export function logDraft(origin: Origin): LogDraft {
  return {
    origin,
    time: 0,
    observed: 0,
    severityNumber: 0,
    severityText: '',
    body: '',
    attributes: null,
    traceId: '',
    spanId: '',
    flags: 0,
    eventName: '',
  }
}

/** The record of a draft; null, and counted, where its time refuses it. */
export function logRecordOf(run: DecodeRun, draft: LogDraft): LogRecord | null {
  const observedTimestamp = plausibleTime(run, draft.observed, run.now)
  const timestamp = draft.time === 0 ? observedTimestamp : draft.time
  if (!isInTime(run, timestamp)) return null
  const { severityNumber } = draft
  return {
    resource: draft.origin.resource,
    scope: draft.origin.scope,
    timestamp,
    observedTimestamp,
    severityNumber: severityNumber <= 24 ? severityNumber : 0,
    severityText: draft.severityText,
    body: draft.body,
    attributes: draft.attributes ?? NO_ATTRIBUTES,
    traceId: draft.traceId,
    spanId: draft.spanId,
    traceFlags: draft.flags & 0xff,
    eventName: draft.eventName,
  }
}
