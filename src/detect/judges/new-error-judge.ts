import type { NewErrorRule } from '../../contract/rules.ts'
import type { LogRecord, Span } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { createErrorFingerprinter, isErrorRecord } from '../error-fingerprint.ts'
import type { ErrorFingerprint } from '../error-fingerprint.ts'
import { createErrorKinds, turnMinute } from '../error-kinds.ts'
import type { ErrorKind } from '../error-kinds.ts'
import { globMatcher } from '../glob.ts'
import type { Judge, LiveSign } from './judge.ts'
import { NOBODY } from './judge.ts'
import { resourcesOf } from './missing-telemetry-judge.ts'

/** So long after its last line a new error is no news any more. */
const QUIET_MS = 60_000
const NEWS_MS = 600_000
/** More new kinds of one service at a time are told of together. */
const MAX_TOLD = 5
/** e^-20: a minute like that by chance comes once in nine hundred years, of each kind. */
const BURST_NATS = 20
const LEAST_BURST = 10
const REFILL_MS = 1000

/** An error that was never seen before, or one that is suddenly frequent. */
export function createNewErrorJudge({
  name,
  rule,
}: {
  readonly name: string
  readonly rule: NewErrorRule
}): Judge & { readonly figures: () => Readonly<Record<string, number>> } {
  const isService = globMatcher(rule.service)
  const fingerprinter = createErrorFingerprinter()
  const kinds = createErrorKinds(rule.warmUp)
  /** Kinds of which there may be a sign now. */
  const fresh = new Set<ErrorKind>()
  const bursts = new Map<ErrorKind, { readonly since: EpochMs; readonly usual: number }>()
  let refilledAt = 0
  let notFingerprinted = 0

  function note(service: string, fingerprint: ErrorFingerprint | null, when: { at: EpochMs; now: EpochMs }) {
    if (fingerprint === null) {
      notFingerprinted += 1
      return
    }
    const kind = kinds.note({ service, fingerprint, ...when })
    if (kind) fresh.add(kind)
  }

  function takeLog(record: LogRecord, now: EpochMs): void {
    if (!isErrorRecord(record) || !isService(record.resource.serviceName)) return
    note(record.resource.serviceName, fingerprinter.ofLog(record), {
      at: Math.min(record.timestamp, now),
      now,
    })
  }

  function takeSpan(span: Span, now: EpochMs): void {
    if (span.events.length === 0 || span.status !== 'error') return
    for (const event of span.events) {
      if (event.name !== 'exception') continue
      const fingerprint = fingerprinter.ofException(event.attributes)
      note(span.resource.serviceName, fingerprint, { at: Math.min(event.at, now), now })
    }
  }

  function signOfNew(kind: ErrorKind): LiveSign {
    return {
      ...base(kind),
      since: kind.firstSeen,
      summary: `New error in ${kind.service}, never seen before: ${kind.template} (${kind.count} times so far)`,
      evidence: [{ name: 'occurrences', value: kind.count, unit: '{occurrence}' }],
    }
  }

  function signOfBurst(kind: ErrorKind, { since, usual }: { since: EpochMs; usual: number }): LiveSign {
    const shown = Number(usual.toPrecision(2))
    return {
      ...base(kind),
      since,
      summary: `Error suddenly frequent in ${kind.service}: ${kind.inMinute} times in this minute, usual ${shown}: ${kind.template}`,
      evidence: [
        { name: 'in this minute', value: kind.inMinute, unit: '{occurrence}' },
        { name: 'usual', value: shown, unit: '{occurrence}' },
      ],
    }
  }

  function base({ service, id, lastSeen }: ErrorKind) {
    const subject = { ...NOBODY, service, resource: `fingerprint ${id}` }
    return { rule: name, subject, urgency: rule.urgency, lastAt: lastSeen }
  }

  function signOf(kind: ErrorKind, now: EpochMs): LiveSign | null {
    turnMinute(kind, now)
    if (now - kind.lastSeen > QUIET_MS) {
      fresh.delete(kind)
      bursts.delete(kind)
      return null
    }
    if (kind.isNew && now - kind.firstSeen < NEWS_MS) return signOfNew(kind)
    const burst = bursts.get(kind)
    if (burst) return signOfBurst(kind, burst)
    if (!isBurst(kind, rule.burst) || now - kind.firstSeen < NEWS_MS) return null
    const begun = { since: Math.max(kind.firstSeen, kind.minute * 60_000), usual: kind.usualPerMinute }
    bursts.set(kind, begun)
    return signOfBurst(kind, begun)
  }

  return {
    observe(batch, now) {
      if (now - refilledAt >= REFILL_MS) {
        refilledAt = now
        fingerprinter.refill()
      }
      for (const { serviceName } of resourcesOf(batch)) kinds.noteService(serviceName, now)
      if (batch.kind === 'logs') for (const record of batch.items) takeLog(record, now)
      if (batch.kind === 'spans') for (const span of batch.items) takeSpan(span, now)
    },
    judge(now) {
      const signs = [...fresh].map((kind) => signOf(kind, now)).filter((sign) => sign !== null)
      return [...Map.groupBy(signs, ({ subject }) => subject.service)].flatMap(([service, own]) =>
        boundedSigns(service ?? '', own),
      )
    },
    snapshot: kinds.snapshot,
    restore: kinds.restore,
    figures: () => ({ ...kinds.figures(), notFingerprinted }),
  }
}

/** Much more than usual, and more than chance does to a Poisson count: nats of its own rate over the usual one. */
function isBurst({ inMinute, usualPerMinute }: ErrorKind, factor: number): boolean {
  const usual = Math.max(usualPerMinute, 0.05)
  if (inMinute < LEAST_BURST || inMinute < factor * usual) return false
  return inMinute * Math.log(inMinute / usual) - (inMinute - usual) >= BURST_NATS
}

function boundedSigns(service: string, signs: readonly LiveSign[]): readonly LiveSign[] {
  if (signs.length <= MAX_TOLD) return signs
  const sorted = signs.toSorted((a, b) => a.since - b.since)
  const rest = sorted.slice(MAX_TOLD)
  const [first] = rest
  if (!first) return sorted
  return [
    ...sorted.slice(0, MAX_TOLD),
    {
      ...first,
      subject: { ...first.subject, resource: 'other fingerprints' },
      lastAt: Math.max(...rest.map(({ lastAt }) => lastAt)),
      summary: `${rest.length} more kinds of errors in ${service} that are new or suddenly frequent`,
      evidence: [{ name: 'kinds', value: rest.length, unit: '{kind}' }],
    },
  ]
}
