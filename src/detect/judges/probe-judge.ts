import type { ProbeRule } from '../../contract/rules.ts'
import type { ProbeResult } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import type { Urgency } from '../live-detection.ts'
import { percent } from '../severity-share.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { NOBODY } from './judge.ts'

type ProbeState = {
  readonly probe: string
  newest: ProbeResult
  failures: number
  failingSince: EpochMs
  lastFailedAt: EpochMs
}

const MAX_PROBES = 2000
/** A probe that does not look any more says nothing. */
const STALE_MS = 600_000

/** A probe fails several times in a row. How urgent it is, users' own requests tell. */
export function createProbeJudge(
  watched: Watched,
  { name, rule }: { readonly name: string; readonly rule: ProbeRule },
): Judge {
  const isProbe = globMatcher(rule.probe)
  const isService = globMatcher(rule.service)
  const probes = new Map<string, ProbeState>()

  function observe(result: ProbeResult): void {
    if (!isProbe(result.probe) || !isService(result.service ?? '')) return
    const { at, probe, succeeded } = result
    const known = probes.get(probe)
    if (known && at < known.newest.at) return
    if (!known && probes.size >= MAX_PROBES) return
    const state = known ?? { probe, newest: result, failures: 0, failingSince: at, lastFailedAt: at }
    probes.set(probe, state)
    state.newest = result
    if (succeeded) {
      state.failures = 0
      return
    }
    if (state.failures === 0) state.failingSince = at
    state.failures += 1
    state.lastFailedAt = at
  }

  /** Users are asked first: where they are answered well, a failing probe is for who looks. */
  function urgencyOf({ service, kind }: ProbeResult): { urgency: Urgency; users: string } {
    const view = service === null ? null : watched.viewOf(service)
    if (view !== null && view.origin !== 'probes' && view.requests >= 10) {
      const users = `; ${percent(view.errorRate)} of ${view.requests} requests of the last minute failed`
      return { urgency: view.errorRate <= 0.01 ? 'P4' : 'P2', users }
    }
    const isReached = kind === 'http' || kind === 'tcp'
    return service !== null && isReached ? { urgency: 'P1', users: '' } : { urgency: 'P2', users: '' }
  }

  function signOf({ probe, newest, failures, failingSince, lastFailedAt }: ProbeState): LiveSign {
    const { urgency, users } = urgencyOf(newest)
    return {
      rule: name,
      subject: { ...NOBODY, service: newest.service, resource: `probe ${probe}` },
      urgency: rule.urgency === 'auto' ? urgency : rule.urgency,
      since: failingSince,
      lastAt: lastFailedAt,
      summary: `Probe ${probe} of ${newest.target} failed ${failures} times in a row: ${newest.reason}${users}`,
      evidence: [
        { name: 'failures in a row', value: failures, unit: '{failure}' },
        { name: 'limit', value: rule.failures, unit: '{failure}' },
      ],
    }
  }

  return {
    observe(batch) {
      if (batch.kind !== 'probes') return
      for (const result of batch.items) observe(result)
    },
    judge(now) {
      for (const { probe, newest } of probes.values()) if (newest.at < now - STALE_MS) probes.delete(probe)
      return [...probes.values()].filter(({ failures }) => failures >= rule.failures).map(signOf)
    },
  }
}
