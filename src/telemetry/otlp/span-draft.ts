import { NO_ATTRIBUTES } from '../attributes.ts'
import type { Span, SpanEvent, SpanKind, SpanLink } from '../span.ts'
import { isInTime, plausibleTime, refuse } from './decode-run.ts'
import type { DecodeRun } from './decode-run.ts'
import type { Origin } from './origin.ts'

const NS_PER_MS = 1e6
const TWO_32 = 4_294_967_296

/** A span as it was sent, in either encoding; times as the unsigned halves of nanoseconds, so that the duration is
 *  exact though a moment is not. */
export type SpanDraft = {
  origin: Origin
  traceId: string
  spanId: string
  parentSpanId: string
  traceState: string
  name: string
  kind: number
  startHigh: number
  startLow: number
  endHigh: number
  endLow: number
  statusCode: number
  statusMessage: string
  attributes: Map<string, string> | null
  events: SpanEvent[] | null
  links: SpanLink[] | null
}

export function spanDraft(origin: Origin): SpanDraft {
  return {
    origin,
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startHigh: 0,
    startLow: 0,
    endHigh: 0,
    endLow: 0,
    statusCode: 0,
    statusMessage: '',
    attributes: null,
    events: null,
    links: null,
  }
}

const KINDS: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const STATUSES = ['unset', 'ok', 'error'] as const
const NONE: readonly never[] = []

/** The span of a draft; null, and counted, where its ids or its times refuse it. */
export function spanOf(run: DecodeRun, draft: SpanDraft): Span | null {
  if (draft.traceId === '' || draft.spanId === '') return refuse(run, 'invalid-id')
  const end = (draft.endHigh * TWO_32 + draft.endLow) / NS_PER_MS
  const isStartKnown = draft.startHigh !== 0 || draft.startLow !== 0
  const start = isStartKnown ? (draft.startHigh * TWO_32 + draft.startLow) / NS_PER_MS : end
  if (!isInTime(run, start)) return null
  if (end > run.newest) return refuse(run, 'in-future')
  const lasted = (draft.endHigh - draft.startHigh) * TWO_32 + (draft.endLow - draft.startLow)
  return {
    resource: draft.origin.resource,
    scope: draft.origin.scope,
    traceId: draft.traceId,
    spanId: draft.spanId,
    parentSpanId: draft.parentSpanId,
    traceState: draft.traceState,
    name: draft.name,
    kind: KINDS[draft.kind] ?? 'unspecified',
    startedAt: start,
    // A clock that was set back while the span ran makes its end the earlier one.
    durationNs: isStartKnown && lasted > 0 ? lasted : 0,
    status: STATUSES[draft.statusCode] ?? 'unset',
    statusMessage: draft.statusMessage,
    attributes: draft.attributes ?? NO_ATTRIBUTES,
    events: draft.events === null ? NONE : inTime(run, draft.events, start),
    links: draft.links ?? NONE,
  }
}

/** An event at an impossible time is kept, at the span's start: the span itself is sound. */
function inTime(run: DecodeRun, events: SpanEvent[], start: number): readonly SpanEvent[] {
  if (events.every(({ at }) => at >= run.oldest && at <= run.newest)) return events
  return events.map((event) => ({ ...event, at: plausibleTime(run, event.at, start) }))
}
