import type { MissingTelemetryRule } from '../../contract/rules.ts'
import type { Resource } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { resourcesOf } from '../resources-of.ts'
import type { Judge, LiveSign } from './judge.ts'
import { NOBODY } from './judge.ts'

type Sender = {
  readonly service: string
  readonly instance: string
  readonly firstAt: EpochMs
  lastAt: EpochMs
  longestPauseMs: number
}

const MAX_SENDERS = 5000
/** A sender that reports every ten minutes is missed after a hundred: ten of its longest pauses. */
const PAUSES = 10
/** An instance that is gone for so long was taken away. */
const FORGOTTEN_MS = 3_600_000
/** One that came within so long of another's end took its place. */
const REPLACED_MS = 180_000

/** Who used to report, by our own clock, does not any more: a service, or one of its instances. */
export function createMissingTelemetryJudge({ name, rule }: NamedRule): Judge {
  const isService = globMatcher(rule.service)
  const senders = new Map<string, Sender>()
  let lastResource: Resource | null = null
  let lastNow = 0

  function heard(service: string, instance: string, now: EpochMs): void {
    if (!isService(service) || service.startsWith('unknown_service')) return
    const key = `${service}\u0000${instance}`
    const known = senders.get(key)
    if (known === undefined) {
      if (senders.size < MAX_SENDERS)
        senders.set(key, { service, instance, firstAt: now, lastAt: now, longestPauseMs: 0 })
      return
    }
    known.longestPauseMs = Math.max(known.longestPauseMs, now - known.lastAt)
    known.lastAt = now
  }

  function heardOf(resource: Resource, now: EpochMs): void {
    if (resource === lastResource && now === lastNow) return
    lastResource = resource
    lastNow = now
    heard(resource.serviceName, resource.serviceInstance, now)
  }

  const isSilent = ({ lastAt, longestPauseMs }: Sender, now: EpochMs): boolean =>
    now - lastAt > Math.max(rule.after, PAUSES * longestPauseMs)
  const isKnown = ({ firstAt, lastAt }: Sender): boolean => lastAt - firstAt >= rule.learn

  function judgeService(service: string, own: readonly Sender[], now: EpochMs): LiveSign[] {
    const silent = own.filter((sender) => isSilent(sender, now))
    const missed = silent.filter(isKnown)
    if (missed.length === 0) return []
    const last = Math.max(...own.map(({ lastAt }) => lastAt))
    if (silent.length === own.length) return [signOf({ name, rule }, { service, instance: null, last, now })]
    return missed
      .filter((gone) => !own.some(({ firstAt }) => Math.abs(firstAt - gone.lastAt) < REPLACED_MS))
      .map(({ instance, lastAt }) => signOf({ name, rule }, { service, instance, last: lastAt, now }))
  }

  return {
    observe(batch, now) {
      if (batch.kind === 'requests') for (const { service } of batch.items) heard(service, '', now)
      else for (const resource of resourcesOf(batch)) heardOf(resource, now)
    },
    judge(now) {
      for (const [key, { lastAt, longestPauseMs }] of senders)
        if (now - lastAt > FORGOTTEN_MS + PAUSES * longestPauseMs) senders.delete(key)
      const byService = Map.groupBy(senders.values(), ({ service }) => service)
      return [...byService].flatMap(([service, own]) => judgeService(service, own, now))
    },
  }
}

type NamedRule = { readonly name: string; readonly rule: MissingTelemetryRule }
type Missed = {
  readonly service: string
  readonly instance: string | null
  readonly last: EpochMs
  readonly now: EpochMs
}

function signOf({ name, rule }: NamedRule, { service, instance, last, now }: Missed): LiveSign {
  const seconds = Math.round((now - last) / 1000)
  const who = instance === null ? service : `instance ${instance} of ${service}`
  return {
    rule: name,
    subject: { ...NOBODY, service, instance },
    urgency: rule.urgency,
    since: last,
    lastAt: now,
    summary: `Nothing has come from ${who} for ${seconds} s, limit ${rule.after / 1000} s`,
    evidence: [{ name: 'silent for', value: seconds, unit: 's' }],
  }
}
