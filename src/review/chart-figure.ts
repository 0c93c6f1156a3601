import { toIso } from '../time.ts'
import { chartData } from './chart-data.ts'
import { chartSvg, type ChartMark } from './chart.ts'
import type { Review } from './review.ts'

/** The chart with its legend and caption as HTML; empty where nothing that was seen has a time. */
export function chartFigure(review: Review): string {
  const data = chartData(review)
  const { detection } = review
  if (!data || !detection) return ''
  const marks = chartMarks(review)
  const last = (data.buckets.at(-1)?.at ?? 0) + data.bucketMs
  const incident =
    detection.onsetAt === null ? null : { from: detection.onsetAt, to: detection.endedAt ?? last }
  const width = data.bucketMs < 60_000 ? `${data.bucketMs / 1000} s` : `${data.bucketMs / 60_000} min`
  const day = toIso(data.buckets[0]?.at ?? 0).slice(0, 10)
  const [name, legend] =
    data.unit === 'requests'
      ? [
          'Share of requests that failed, on the failing routes',
          `${key('failed', 'failed')}${key('traffic', 'requests, below')}`,
        ]
      : ['Failing errors logged', key('failed', 'errors')]
  return `<figure class="plot"><figcaption><span><strong>${name}</strong>, ${day}, UTC, ${width} a column</span><span class="legend">${legend}${key('incident', 'incident')}</span></figcaption><div class="scroll">${chartSvg(data, marks, incident)}</div></figure>`
}

function key(kind: string, text: string): string {
  return `<span class="key"><svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="${kind}" width="10" height="10" rx="2"/></svg>${text}</span>`
}

function chartMarks({ timeline, detection }: Review): readonly ChartMark[] {
  const time = (at: number): string => toIso(at).slice(11, 19)
  const deploys = timeline
    .filter((event) => event.kind === 'deploy')
    .map((event): ChartMark => {
      const version = /Release (\S+)/.exec(event.summary)?.[1]?.slice(0, 18)
      return {
        at: event.at,
        kind: 'deploy',
        label: version ? `release ${version}` : 'release',
        title: `${time(event.at)} ${event.summary.replaceAll('`', '')}`,
      }
    })
  const { onsetAt = null, endedAt = null } = detection ?? {}
  const onset: readonly ChartMark[] =
    onsetAt === null
      ? []
      : [{ at: onsetAt, kind: 'onset', label: 'first failure', title: `${time(onsetAt)} First failure` }]
  const end: readonly ChartMark[] =
    endedAt === null
      ? []
      : [{ at: endedAt, kind: 'recovered', label: 'last failure', title: `${time(endedAt)} Last failure` }]
  return [...deploys, ...onset, ...end]
}
