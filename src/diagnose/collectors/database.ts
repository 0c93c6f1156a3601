import type { DatabaseProbe, DatabaseSession } from '../../telemetry/index.ts'
import type { Finding, FindingKind } from '../finding.ts'
import type { Collector } from './collector.ts'

const HIGH_SHARE = 0.85
const NORMAL_SHARE = 0.6
const IDLE_IN_TRANSACTION_MS = 5000
const LONG_STATEMENT_MS = 3000
/** Of fewer sessions the share in one state says little. */
const FEWEST_SESSIONS = 4

/** What looking at the database showed: of each kind the clearest look, however many probes there are. */
export const collectFromDatabase: Collector = async ({ evidence }) => {
  const probes = evidence.databaseProbes
  if (probes.length === 0) return []
  const each = probes.flatMap((probe) => [
    ...connectionsOf(probe),
    ...blockedOf(probe),
    ...idleOf(probe),
    ...longRunningOf(probe),
    ...refusedOf(probe),
  ])
  const found = [...clearest(each), ...growthOf(probes)]
  const alarming = found.some((one) => one.kind !== 'database-connections-normal')
  const last = probes.at(-1)
  const quiet = !alarming && last && last.refused === null
  return quiet
    ? [
        ...found,
        made(last, 'database-quiet', {
          summary: `${last.target}: nothing waits, nothing runs long`,
          strength: 0.8,
        }),
      ]
    : found.filter(
        (one) =>
          one.kind !== 'database-connections-normal' ||
          !found.some((other) => other.kind === 'database-connections-high'),
      )
}

function clearest(findings: readonly Finding[]): readonly Finding[] {
  const best = new Map<FindingKind, Finding>()
  for (const one of findings) {
    if ((best.get(one.kind)?.strength ?? -1) < one.strength) best.set(one.kind, one)
  }
  return [...best.values()]
}

function connectionsOf(probe: DatabaseProbe): readonly Finding[] {
  if (probe.connections === null) return []
  const { used, limit, reserved = 0 } = probe.connections
  const share = used / Math.max(1, limit - reserved)
  const spared = reserved > 0 ? `, ${reserved} of them reserved` : ''
  const summary = `${probe.target}: ${used} of ${limit} connections${spared} are used (${Math.round(share * 100)} %)`
  if (share >= HIGH_SHARE)
    return [made(probe, 'database-connections-high', { summary, strength: Math.min(1, share) })]
  return share < NORMAL_SHARE
    ? [made(probe, 'database-connections-normal', { summary, strength: 1 - share })]
    : []
}

function growthOf(probes: readonly DatabaseProbe[]): readonly Finding[] {
  const looks = probes.flatMap((probe) =>
    probe.connections ? [{ probe, used: probe.connections.used }] : [],
  )
  const first = looks[0]
  const last = looks.at(-1)
  if (!first || !last || looks.length < 4) return []
  const rise = last.used - first.used
  if (rise < 4 || last.used < first.used * 1.5) return []
  // A pool breathes: what comes back is no leak. A small dip is a client that ended.
  const drops = looks.slice(1).map((look, index) => (looks[index]?.used ?? 0) - look.used)
  if (Math.max(...drops) > rise / 4) return []
  const summary = `${last.probe.target}: connections rose from ${first.used} to ${last.used} over ${looks.length} looks and did not come back`
  return [made(last.probe, 'database-connections-grow', { summary, strength: 0.9 })]
}

function blockedOf(probe: DatabaseProbe): readonly Finding[] {
  const blocked = probe.sessions.filter((session) => session.blockedBy.length > 0)
  if (blocked.length === 0) return []
  const blockers = [...new Set(blocked.flatMap((session) => session.blockedBy))]
  const blocker = probe.sessions.find(
    (session) => blockers.includes(session.id) && session.blockedBy.length === 0,
  )
  const who = blocker
    ? `session ${blocker.id} (${blocker.state}${forHowLong(blocker)})`
    : `session ${blockers[0] ?? '?'}`
  const summary = `${probe.target}: ${blocked.length} sessions wait for a lock that ${who} holds`
  const statement = blocker?.statement ?? blocked[0]?.statement ?? null
  return [
    made(probe, 'sessions-blocked', {
      summary,
      strength: Math.min(1, 0.6 + blocked.length / 10),
      evidence: statement,
    }),
  ]
}

function idleOf(probe: DatabaseProbe): readonly Finding[] {
  const { sessions } = probe
  const inTransaction = sessions.filter(
    (one) => one.state === 'idle-in-transaction' && (one.stateMs ?? 0) >= IDLE_IN_TRANSACTION_MS,
  )
  const idle = sessions.filter((one) => one.state === 'idle' || one.state === 'idle-in-transaction')
  const findings: Finding[] = []
  if (inTransaction.length > 0) {
    const oldest = inTransaction.reduce((a, b) => ((a.stateMs ?? 0) >= (b.stateMs ?? 0) ? a : b))
    const summary = `${probe.target}: ${inTransaction.length} sessions are idle in a transaction, the oldest${forHowLong(oldest)}`
    const strength = Math.min(1, 0.5 + inTransaction.length / 10)
    findings.push(
      made(probe, 'sessions-idle-in-transaction', { summary, strength, evidence: oldest.statement }),
    )
  }
  if (sessions.length >= FEWEST_SESSIONS && idle.length / sessions.length >= 0.8) {
    const summary = `${probe.target}: ${idle.length} of ${sessions.length} sessions do nothing`
    findings.push(made(probe, 'sessions-mostly-idle', { summary, strength: 0.8 }))
  }
  return findings
}

function longRunningOf(probe: DatabaseProbe): readonly Finding[] {
  const long = probe.sessions.filter(
    (one) =>
      one.state === 'active' &&
      one.blockedBy.length === 0 &&
      one.waitingFor !== 'lock' &&
      (one.stateMs ?? 0) >= LONG_STATEMENT_MS,
  )
  const oldest = long.toSorted((a, b) => (b.stateMs ?? 0) - (a.stateMs ?? 0))[0]
  if (!oldest) return []
  const summary = `${probe.target}: ${long.length} statements run${forHowLong(oldest)} or less, without waiting for a lock`
  return [
    made(probe, 'statements-long-running', {
      summary,
      strength: Math.min(1, 0.6 + long.length / 10),
      evidence: oldest.statement,
    }),
  ]
}

function refusedOf(probe: DatabaseProbe): readonly Finding[] {
  if (probe.refused === null) return []
  const kind = probe.refused.tooManyConnections ? 'database-probe-refused' : 'database-unreachable-error'
  return [
    made(probe, kind, { summary: `${probe.target} refused the probe: ${probe.refused.reason}`, strength: 1 }),
  ]
}

function forHowLong(session: DatabaseSession): string {
  return session.stateMs === null ? '' : ` for ${Math.round(session.stateMs / 1000)} s`
}

function made(
  probe: DatabaseProbe,
  kind: FindingKind,
  details: { summary: string; strength: number; evidence?: string | null },
): Finding {
  return {
    kind,
    summary: details.summary,
    observedAt: probe.at,
    source: `probe ${probe.engine}`,
    subject: { resource: probe.target },
    strength: details.strength,
    evidence: details.evidence ?? null,
  }
}
