import type { ThresholdRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import type { MetricSeries } from '../series-table.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { NOBODY } from './judge.ts'

/** Some value now: of one series, or of several together. */
type Value = {
  readonly key: string
  readonly value: number
  readonly at: EpochMs
  readonly series: MetricSeries
}
type NamedRule = { readonly name: string; readonly rule: ThresholdRule }
type Over = {
  readonly series: MetricSeries
  readonly value: number
  readonly state: Since
  readonly now: EpochMs
}
type Since = { readonly since: EpochMs; lastAt: EpochMs }

/** What has not been told of for so long is not known any more. */
const STALE_MS = 150_000
/** Within this part of the limit it stays wrong, so that a value that trembles at it is one detection. */
const HYSTERESIS = 0.95

/** A metric is over (or under) a limit for some time: every series alone, or those of an instance together. */
export function createThresholdJudge(watched: Watched, { name, rule }: NamedRule): Judge {
  const isService = globMatcher(rule.service)
  const attributes = Object.entries(rule.attributes).map(([key, glob]) => [key, globMatcher(glob)] as const)
  const metrics = typeof rule.metric === 'string' ? [rule.metric] : rule.metric
  const over = new Map<string, Since>()

  function isJudged(series: MetricSeries, now: EpochMs): boolean {
    if (series.at < now - STALE_MS || Number.isNaN(series.value) || !isService(series.service)) return false
    return attributes.every(([key, matches]) => matches(series.attributes.get(key) ?? ''))
  }

  function isOver(value: number, isAlready: boolean): boolean {
    if (!Number.isFinite(value)) return false
    const margin = isAlready ? HYSTERESIS : 1
    const isAbove = rule.above !== undefined && value > (rule.above > 0 ? rule.above * margin : rule.above)
    const isBelow = rule.below !== undefined && value < (rule.below > 0 ? rule.below / margin : rule.below)
    return isAbove || isBelow
  }

  function judgeValue({ key, value, at, series }: Value, now: EpochMs): LiveSign[] {
    const before = over.get(key)
    if (!isOver(value, before !== undefined)) {
      over.delete(key)
      return []
    }
    const state = before ?? { since: at, lastAt: at }
    state.lastAt = at
    over.set(key, state)
    if (now - state.since < rule.for) return []
    return [signOf({ name, rule }, { series, value, state, now })]
  }

  return {
    judge(now) {
      const values = metrics.flatMap((metric) => {
        const series = [...watched.series.named(metric)].filter((one) => isJudged(one, now))
        return rule.aggregate === 'each' ? series.map(valueOf) : together(series, rule.aggregate)
      })
      const present = new Set(values.map(({ key }) => key))
      for (const key of over.keys()) if (!present.has(key)) over.delete(key)
      return values.flatMap((value) => judgeValue(value, now))
    },
  }
}

function signOf({ name, rule }: NamedRule, { series, value, state, now }: Over): LiveSign {
  const limit = rule.above ?? rule.below ?? 0
  const seconds = Math.round((now - state.since) / 1000)
  const subject = subjectOf(series, rule.aggregate)
  const whose = [subject.resource, subject.instance]
    .filter((part) => part !== null && part !== '')
    .join(' of ')
  const shown = (number: number): string => shownValue(number, series.unit)
  const side = rule.above === undefined ? 'below' : 'above'
  return {
    rule: name,
    subject,
    urgency: rule.urgency,
    since: state.since,
    lastAt: state.lastAt,
    summary: `${whose} is ${shown(value)}, ${side} ${shown(limit)} for ${seconds} s`,
    evidence: [
      { name: series.metric, value, unit: series.unit },
      { name: 'limit', value: limit, unit: series.unit },
      { name: 'for', value: seconds, unit: 's' },
    ],
  }
}

function valueOf(series: MetricSeries): Value {
  return { key: series.key, value: series.value, at: series.at, series }
}

function together(series: readonly MetricSeries[], how: 'sum' | 'max' | 'mean'): Value[] {
  const groups = Map.groupBy(
    series,
    ({ service, instance, metric }) => `${service}\u0000${instance}\u0000${metric}`,
  )
  return [...groups].flatMap(([key, members]) => {
    const [first] = members
    if (!first) return []
    const values = members.map(({ value }) => value)
    const sum = values.reduce((total, value) => total + value, 0)
    const value = how === 'max' ? Math.max(...values) : how === 'sum' ? sum : sum / values.length
    return [{ key, value, at: Math.max(...members.map(({ at }) => at)), series: first }]
  })
}

/** `unknown_service` is OpenTelemetry's word for nobody. */
function subjectOf(
  { metric, service, instance, attributes }: MetricSeries,
  aggregate: string,
): LiveSign['subject'] {
  const told = [...attributes].map(([key, value]) => `${key}=${value}`).join(', ')
  return {
    ...NOBODY,
    service: service.startsWith('unknown_service') ? null : service,
    instance: instance === '' ? null : instance,
    resource: aggregate === 'each' && told !== '' ? `${metric}{${told}}` : metric,
  }
}

/** A share reads best in percent; of other units two or three digits say enough. */
function shownValue(value: number, unit: string): string {
  if (unit === '1' && value >= 0 && value <= 1.5) return `${Number((value * 100).toPrecision(3))} %`
  return `${Number(value.toPrecision(3))}${unit === '' || unit === '1' ? '' : ` ${unit}`}`
}
