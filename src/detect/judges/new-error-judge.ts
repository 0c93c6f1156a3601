import type { NewErrorRule } from '../../contract/rules.ts'
import type { TelemetryBatch } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { createErrorFingerprinter, isErrorRecord } from '../error-fingerprint.ts'
import type { ErrorFingerprint, ErrorFingerprinter } from '../error-fingerprint.ts'
import { createErrorKinds, turnMinute } from '../error-kinds.ts'
import type { ErrorKind } from '../error-kinds.ts'
import { globMatcher } from '../glob.ts'
import type { Judge, LiveSign } from './judge.ts'
import { NOBODY } from './judge.ts'
import { resourcesOf } from '../resources-of.ts'

/** So long after its last line a new error is no news any more. */
const QUIET_MS = 60_000
const NEWS_MS = 600_000
/** More new kinds of one service at a time are told of together. */
const MAX_TOLD = 5
/** e^-20: a minute like that by chance comes once in nine hundred years, of each kind. */
const BURST_NATS = 20
const LEAST_BURST = 10
const REFILL_MS = 1000

type NamedRule = { readonly name: string; readonly rule: NewErrorRule }
type Burst = { readonly since: EpochMs; readonly usual: number }

/** An error that was never seen before, or one that is suddenly frequent. */
export function createNewErrorJudge(named: NamedRule): Judge {
  const { rule } = named
  const isService = globMatcher(rule.service)
  const fingerprinter = createErrorFingerprinter()
  const kinds = createErrorKinds(rule.warmUp)
  /** Kinds of which there may be a sign now. */
  const fresh = new Set<ErrorKind>()
  const bursts = new Map<ErrorKind, Burst>()
  let refilledAt = 0
  let notFingerprinted = 0

  function note({ service, fingerprint, at }: SeenError, now: EpochMs): void {
    if (!isService(service)) return
    if (fingerprint === null) {
      notFingerprinted += 1
      return
    }
    const kind = kinds.note({ service, fingerprint, at: Math.min(at, now), now })
    if (kind) fresh.add(kind)
  }

  function signOf(kind: ErrorKind, now: EpochMs): LiveSign | null {
    turnMinute(kind, now)
    if (now - kind.lastSeen > QUIET_MS) {
      fresh.delete(kind)
      bursts.delete(kind)
      return null
    }
    if (kind.isNew && now - kind.firstSeen < NEWS_MS) return signOfNew(kind, named)
    const burst = bursts.get(kind)
    if (burst) return signOfBurst(kind, named, burst)
    if (!isBurst(kind, rule.burst) || now - kind.firstSeen < NEWS_MS) return null
    const begun = { since: Math.max(kind.firstSeen, kind.minute * 60_000), usual: kind.usualPerMinute }
    bursts.set(kind, begun)
    return signOfBurst(kind, named, begun)
  }

  return {
    observe(batch, now) {
      if (now - refilledAt >= REFILL_MS) {
        refilledAt = now
        fingerprinter.refill()
      }
      for (const { serviceName } of resourcesOf(batch)) kinds.noteService(serviceName, now)
      for (const error of errorsIn(batch, fingerprinter)) note(error, now)
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

function signOfNew(kind: ErrorKind, named: NamedRule): LiveSign {
  return {
    ...base(kind, named),
    since: kind.firstSeen,
    summary: `New error in ${kind.service}, never seen before: ${kind.template} (${kind.count} times so far)`,
    evidence: [{ name: 'occurrences', value: kind.count, unit: '{occurrence}' }],
  }
}

function signOfBurst(kind: ErrorKind, named: NamedRule, { since, usual }: Burst): LiveSign {
  const shown = Number(usual.toPrecision(2))
  return {
    ...base(kind, named),
    since,
    summary: `Error suddenly frequent in ${kind.service}: ${kind.inMinute} times in this minute, usual ${shown}: ${kind.template}`,
    evidence: [
      { name: 'in this minute', value: kind.inMinute, unit: '{occurrence}' },
      { name: 'usual', value: shown, unit: '{occurrence}' },
    ],
  }
}

function base({ service, id, lastSeen }: ErrorKind, { name, rule }: NamedRule) {
  const subject = { ...NOBODY, service, resource: `fingerprint ${id}` }
  return { rule: name, subject, urgency: rule.urgency, lastAt: lastSeen }
}

type SeenError = {
  readonly service: string
  readonly fingerprint: ErrorFingerprint | null
  readonly at: EpochMs
}

function* errorsIn(batch: TelemetryBatch, fingerprinter: ErrorFingerprinter): Generator<SeenError> {
  if (batch.kind === 'logs') {
    for (const record of batch.items) {
      if (!isErrorRecord(record)) continue
      const { resource, timestamp } = record
      yield { service: resource.serviceName, fingerprint: fingerprinter.ofLog(record), at: timestamp }
    }
  } else if (batch.kind === 'spans') {
    for (const { resource, status, events } of batch.items) {
      if (status !== 'error') continue
      for (const { at, attributes } of events.filter(({ name }) => name === 'exception'))
        yield { service: resource.serviceName, fingerprint: fingerprinter.ofException(attributes), at }
    }
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
