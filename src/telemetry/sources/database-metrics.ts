import type { DatabaseProbe, DatabaseSession } from '../database-probe.ts'
import { derivedMetrics } from '../derived-metrics.ts'
import type { MetricPoint } from '../metric-point.ts'
import { semconv } from '../semconv.ts'
import type { EngineFigure } from './database-connection.ts'
import { createFigures, resourceOf } from './figures.ts'

/** The numbers of one look: what rules judge of every engine, and the engine's own. */
export function databaseMetrics(
  probe: DatabaseProbe,
  about: {
    readonly name: string
    readonly service: string | null
    readonly engine: readonly EngineFigure[]
  },
): readonly MetricPoint[] {
  const resource = resourceOf(
    { service: about.service, instance: about.name },
    {
      [semconv.dbSystemName]: probe.engine,
      database: about.name,
      'db.target': probe.target,
    },
  )
  const figures = createFigures(resource, probe.at)
  figures.gauge(derivedMetrics.connectionsUtilization, utilizationOf(probe))
  if (probe.refused === null) {
    const { sessions } = probe
    const idle = sessions.filter(({ state }) => state === 'idle-in-transaction')
    figures.gauge(derivedMetrics.sessionsBlocked, sessions.filter(isBlocked).length)
    figures.gauge(derivedMetrics.sessionsIdleInTransaction, idle.length)
    figures.gauge(derivedMetrics.longestStatement, longestStatement(sessions) / 1000)
    figures.gauge(derivedMetrics.longestTransaction, (probe.longestTransactionMs ?? 0) / 1000)
    figures.gauge(derivedMetrics.cacheHitRatio, probe.cacheHitRatio ?? null)
    figures.gauge(derivedMetrics.replicationLag, probe.replication?.lagSeconds ?? null)
  }
  for (const { metric, kind, value, attributes } of about.engine) {
    if (kind === 'gauge') figures.gauge(metric, value, attributes)
    else
      figures.sum(metric, value, { isMonotonic: kind === 'counter', ...(attributes ? { attributes } : {}) })
  }
  return figures.points
}

/** Ordinary roles are refused when the reserve is all that is left: the reserve is no part of what they can have. */
function utilizationOf({ connections, refused }: DatabaseProbe): number | null {
  if (refused?.tooManyConnections === true) return 1
  if (connections === null) return null
  const limit = connections.limit - (connections.reserved ?? 0)
  return limit <= 0 ? null : Math.min(1, connections.used / limit)
}

function isBlocked({ blockedBy, waitingFor }: DatabaseSession): boolean {
  return blockedBy.length > 0 || waitingFor === 'lock'
}

function longestStatement(sessions: readonly DatabaseSession[]): number {
  return sessions.reduce(
    (most, { state, stateMs }) => (state === 'active' ? Math.max(most, stateMs ?? 0) : most),
    0,
  )
}
