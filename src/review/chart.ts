import { toIso, type EpochMs } from '../time.ts'
import { heights, type Bucket, type ChartData } from './chart-data.ts'
import { escapeHtml } from './escape-html.ts'

/** A moment that is drawn as a line over the whole height. */
export type ChartMark = {
  readonly at: EpochMs
  readonly kind: 'deploy' | 'onset' | 'detected' | 'recovered'
  readonly label: string
  readonly title: string
}

type Span = { readonly from: EpochMs; readonly to: EpochMs }

type Frame = {
  readonly data: ChartData
  readonly from: EpochMs
  readonly to: EpochMs
  readonly top: number
  /** Below the traffic, where there is any. */
  readonly bottom: number
}

const WIDTH = 960
const LEFT = 58
const RIGHT = 14
const PLOT_HEIGHT = 200
const VOLUME_HEIGHT = 34
const VOLUME_GAP = 14
const AXIS_HEIGHT = 30
const LANE_HEIGHT = 19
/** Of the labels' type, about; only so that they do not cover each other. */
const CHARACTER_WIDTH = 6.9
const STEPS_S = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800]

/**
 * The share of failed requests over time as an SVG, with the traffic under it and marks for releases, onset and end.
 * Colours come from the page's custom properties, so that light, dark and print each have theirs.
 */
export function chartSvg(data: ChartData, marks: readonly ChartMark[], incident: Span | null): string {
  const from = data.buckets[0]?.at ?? 0
  const to = (data.buckets.at(-1)?.at ?? 0) + data.bucketMs
  const lanes = toLanes(
    marks.filter((mark) => mark.at >= from - data.bucketMs && mark.at <= to),
    { from, to },
  )
  const top = 8 + Math.max(1, lanes.length) * LANE_HEIGHT
  const volume = data.unit === 'requests' ? VOLUME_GAP + VOLUME_HEIGHT : 0
  const frame = { data, from, to, top, bottom: top + PLOT_HEIGHT + volume }
  const height = frame.bottom + AXIS_HEIGHT
  const name =
    data.unit === 'requests' ? 'Share of failed requests over time' : 'Failing errors logged over time'
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="chart-title chart-text">`,
    `<title id="chart-title">${name}</title>`,
    `<desc id="chart-text">${escapeHtml(inWords(data, marks))}</desc>`,
    incident ? shade(frame, incident) : '',
    yAxis(frame),
    xAxis(frame, height),
    columns(frame),
    ...lanes.flatMap((lane, index) => lane.map((mark) => markLine(frame, mark, index))),
    hoverAreas(frame),
    '</svg>',
  ].join('\n')
}

function inWords(data: ChartData, marks: readonly ChartMark[]): string {
  const worst = data.buckets.toSorted((a, b) => shareOf(b) - shareOf(a))[0]
  const peak =
    worst && data.unit === 'requests'
      ? `The highest share was ${(shareOf(worst) * 100).toFixed(0)} % at ${toIso(worst.at)}. `
      : ''
  return peak + marks.map((mark) => `${mark.title}.`).join(' ')
}

function x(frame: { from: EpochMs; to: EpochMs }, at: EpochMs): number {
  const share = (at - frame.from) / Math.max(1, frame.to - frame.from)
  return round(LEFT + Math.min(1, Math.max(0, share)) * (WIDTH - LEFT - RIGHT))
}

function yAxis({ data, top, bottom }: Frame): string {
  const isShare = data.unit === 'requests'
  const steps = isShare ? 4 : Math.min(4, data.scale)
  const lines = Array.from({ length: steps + 1 }, (_, step) => step / steps).map((share) => {
    const y = round(top + PLOT_HEIGHT * (1 - share))
    const label = isShare ? `${share * 100} %` : Math.round(share * data.scale).toLocaleString('en-US')
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>${yLabel(y + 4, label)}`
  })
  const busiest = Math.max(...data.buckets.map((bucket) => bucket.total))
  const volume = isShare ? yLabel(bottom - VOLUME_HEIGHT + 9, busiest.toLocaleString('en-US')) : ''
  const axis = `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>`
  return [...lines, volume, axis].join('\n')
}

function yLabel(y: number, text: string): string {
  return `<text class="tick" x="${LEFT - 8}" y="${y}" text-anchor="end">${text}</text>`
}

function xAxis(frame: Frame, height: number): string {
  const spanS = (frame.to - frame.from) / 1000
  const step = 1000 * (STEPS_S.find((seconds) => spanS / seconds <= 9) ?? 604_800)
  const ticks: string[] = []
  for (let at = Math.ceil(frame.from / step) * step; at <= frame.to; at += step) {
    const place = x(frame, at)
    const anchor = place > WIDTH - 40 ? 'end' : 'middle'
    ticks.push(
      `<text class="tick" x="${place}" y="${height - AXIS_HEIGHT + 17}" text-anchor="${anchor}">${tickLabel(at, step)}</text>`,
    )
  }
  return ticks.join('\n')
}

function tickLabel(at: EpochMs, stepMs: number): string {
  const iso = toIso(at)
  if (stepMs >= 86_400_000) return iso.slice(5, 10)
  return stepMs >= 60_000 ? iso.slice(11, 16) : iso.slice(11, 19)
}

function columns(frame: Frame): string {
  const { data, top, bottom } = frame
  const busiest = Math.max(1, ...data.buckets.map((bucket) => bucket.total))
  const floor = top + PLOT_HEIGHT
  return heights(data)
    .map((height, index) => {
      const bucket = data.buckets[index]
      if (!bucket) return ''
      const left = x(frame, bucket.at)
      const width = round(Math.max(0.8, x(frame, bucket.at + data.bucketMs) - left - gap(data)))
      const volume = round((bucket.total / busiest) * VOLUME_HEIGHT)
      const traffic =
        data.unit === 'requests'
          ? `<rect class="traffic" x="${left}" y="${round(bottom - volume)}" width="${width}" height="${volume}"/>`
          : ''
      const tall = round((height ?? 0) * PLOT_HEIGHT)
      // A failure is never too small to see: a share under 1 % still gets its two units.
      const shown = bucket.failed > 0 ? Math.max(2, tall) : 0
      const failed =
        shown > 0
          ? `<rect class="failed" x="${left}" y="${round(floor - shown)}" width="${width}" height="${shown}"/>`
          : ''
      return traffic + failed
    })
    .join('\n')
}

function gap(data: ChartData): number {
  return data.buckets.length > 60 ? 1 : 2
}

/** Drawn last and seen by nobody: what the pointer meets, so that a column's figures can be read anywhere above it. */
function hoverAreas(frame: Frame): string {
  const { data, top, bottom } = frame
  return data.buckets
    .map((bucket) => {
      const left = x(frame, bucket.at)
      const width = round(x(frame, bucket.at + data.bucketMs) - left)
      const height = bottom - top
      return `<rect class="hover" x="${left}" y="${top}" width="${width}" height="${height}"><title>${escapeHtml(figures(bucket, data))}</title></rect>`
    })
    .join('\n')
}

function figures(bucket: Bucket, { unit, bucketMs }: ChartData): string {
  const span = `${toIso(bucket.at).slice(11, 19)} UTC, ${bucketMs / 1000} s`
  if (unit === 'errors') return `${span}: ${bucket.failed} errors`
  if (bucket.total === 0) return `${span}: no requests`
  return `${span}: ${bucket.failed} of ${bucket.total} requests failed (${(shareOf(bucket) * 100).toFixed(1)} %)`
}

function shade(frame: Frame, incident: Span): string {
  const left = x(frame, incident.from)
  const width = Math.max(2, x(frame, incident.to) - left)
  return `<rect class="incident" x="${left}" y="${frame.top}" width="${round(width)}" height="${frame.bottom - frame.top}"/>`
}

function markLine(frame: Frame, mark: ChartMark, lane: number): string {
  const place = x(frame, mark.at)
  const { bottom } = frame
  const y = 4 + lane * LANE_HEIGHT + 12
  const isRight = isLabelLeft(mark, frame)
  return [
    `<g class="mark ${mark.kind}"><title>${escapeHtml(mark.title)}</title>`,
    `<line x1="${place}" x2="${place}" y1="${y - 10}" y2="${bottom}"/>`,
    `<text x="${isRight ? place - 6 : place + 6}" y="${y}" text-anchor="${isRight ? 'end' : 'start'}">${escapeHtml(mark.label)}</text></g>`,
  ].join('')
}

function labelWidth(mark: ChartMark): number {
  return mark.label.length * CHARACTER_WIDTH + 14
}

/** Near the right edge a label stands left of its line. */
function isLabelLeft(mark: ChartMark, span: Span): boolean {
  return x(span, mark.at) + labelWidth(mark) > WIDTH
}

/** Labels that would cover each other go to lanes one above the other. */
function toLanes(marks: readonly ChartMark[], span: Span): readonly (readonly ChartMark[])[] {
  const lanes: ChartMark[][] = []
  const extent = (mark: ChartMark): readonly [number, number] => {
    const place = x(span, mark.at)
    return isLabelLeft(mark, span) ? [place - labelWidth(mark), place] : [place, place + labelWidth(mark)]
  }
  for (const mark of marks.toSorted((a, b) => a.at - b.at)) {
    const [left, right] = extent(mark)
    const lane = lanes.find((others) =>
      others.every((other) => left >= extent(other)[1] || right <= extent(other)[0]),
    )
    if (lane) lane.push(mark)
    else lanes.push([mark])
  }
  return lanes
}

function shareOf(bucket: Bucket): number {
  return bucket.total === 0 ? 0 : bucket.failed / bucket.total
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
