import type { Rule, Rules } from '../contract/rules.ts'
import { percent } from './severity-share.ts'

export type RuleDescription = {
  readonly name: string
  readonly kind: Rule['kind']
  readonly enabled: boolean
  /** One line: what it judges, and from when on it is wrong. */
  readonly says: string
}

export function describeRules(rules: Rules): readonly RuleDescription[] {
  return Object.entries(rules).map(([name, rule]) => ({
    name,
    kind: rule.kind,
    enabled: rule.enabled,
    says: `${sayRule(rule)}${rule.service === '*' ? '' : `; services ${rule.service}`}`,
  }))
}

const seconds = (ms: number): string => `${ms / 1000} s`

function sayRule(rule: Rule): string {
  switch (rule.kind) {
    case 'error-rate':
      return `more than ${percent(rule.above)} of requests fail`
    case 'latency':
      return `more than ${percent(rule.share)} of requests take longer than ${seconds(rule.above)}`
    case 'threshold': {
      const side = rule.above === undefined ? `below ${rule.below}` : `above ${rule.above}`
      return `${[rule.metric].flat().join(', ')} ${side} for ${seconds(rule.for)}`
    }
    case 'burn-rate':
      return `the error budget burns ${rule.windows.map(({ factor }) => factor).join(', ')} times too fast, each over its windows`
    case 'new-error':
      return `an error never seen before, or ${rule.burst} times as frequent as usual`
    case 'probe':
      return `a probe fails ${rule.failures} times in a row`
    case 'user-reports':
      return `${rule.count} user reports within ${seconds(rule.within)}`
    case 'missing-telemetry':
      return `who reported for ${seconds(rule.learn)} is silent for ${seconds(rule.after)}`
    case 'alert':
      return 'an alert of another monitoring system'
    case 'anomaly':
      return 'a series does what its past does not explain'
    case 'process':
    default:
      return `an instance starts ${rule.restarts} times within ${seconds(rule.within)}`
  }
}
