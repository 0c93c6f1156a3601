import { formatDuration } from '../../incident/index.ts'
import { bullets, cells, columns, paragraph, type Block, type Cell, type Section } from '../block.ts'
import type { Review } from '../review.ts'
import { count, percent, quoted, times } from '../wording.ts'

const MAX_ROUTES = 20

/** Figures, the error rate over time, routes, and the area × impact table. */
export function impactSection(review: Review): Section {
  const { impact, detection } = review
  if (!detection) return { title: 'Impact', blocks: [paragraph('None was found.'), ...routesTable(review)] }
  const areas: Block = {
    kind: 'table',
    columns: columns('Area', 'Impact'),
    rows: impact.areas.map(({ area, impact: text }) => cells(area, text)),
  }
  return {
    title: 'Impact',
    blocks: [bullets(figures(review)), { kind: 'chart' }, ...routesTable(review), areas],
  }
}

function figures({ impact, severity, requests }: Review): readonly string[] {
  const list = [`Severity ${severity.severity}: ${severity.reason}.`]
  if (requests.requests === 0) {
    list.push(
      `Requests: unknown, none were seen. The failing errors were logged ${times(impact.errorOccurrences)}.`,
    )
  } else {
    const all =
      impact.all.requests === impact.requests
        ? ''
        : `; ${percent(shareOf(impact.failed, impact.all.requests))} of all ${count(impact.all.requests, 'request')}`
    list.push(
      `Failed: ${impact.failed.toLocaleString('en-US')} of ${count(impact.requests, 'request')} to the failing routes (${percent(impact.errorRate)})${all}.`,
    )
    list.push(
      `Downtime: ${formatDuration(impact.downtimeMs)} in 10-second windows with over half of users’ requests failing; weighted by the share that failed, ${formatDuration(impact.partialOutageMs)}.`,
    )
  }
  const users = impact.usersAffected
  list.push(
    users === null
      ? 'Users affected: unknown, nothing tells one from another.'
      : `Users affected: ${count(users, 'client')} with a failed request, as far as the log tells them apart.`,
  )
  return list
}

function routesTable({ impact }: Review): readonly Block[] {
  const routes = [...impact.routes, ...impact.healthyRoutes]
  if (routes.length === 0) return []
  const shown = routes.slice(0, MAX_ROUTES)
  const rows = shown.map((route): readonly Cell[] => {
    const share = shareOf(route.failed, route.requests)
    const tone = route.failed > 0 ? 'bad' : 'good'
    const answers = [...route.answers].toSorted(([, a], [, b]) => b - a).slice(0, 4)
    return [
      { text: quoted(route.route) },
      { text: route.requests.toLocaleString('en-US') },
      { text: route.failed.toLocaleString('en-US') },
      { text: percent(share), bar: share, tone },
      { text: answers.map(([answer, times]) => `${answer} × ${times}`).join(', ') },
      { text: route.latency === null ? '—' : latency(route.latency.p95) },
    ]
  })
  const table: Block = {
    kind: 'table',
    columns: columns('Route', '>Requests', '>Failed', '>Share', 'Answers, all seen', '>p95'),
    rows,
  }
  const left = routes.length - shown.length
  return left > 0 ? [table, paragraph(`${count(left, 'further route')} not shown.`)] : [table]
}

function latency(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
