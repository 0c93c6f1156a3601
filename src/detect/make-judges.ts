import type { Rule, Rules } from '../contract/rules.ts'
import { createAlertJudge } from './judges/alert-judge.ts'
import { createAnomalyJudge } from './judges/anomaly-judge.ts'
import type { MakeSeriesDetector } from './judges/anomaly-judge.ts'
import { createBurnRateJudge } from './judges/burn-rate-judge.ts'
import { createCrashLoopJudge } from './judges/crash-loop-judge.ts'
import type { Judge, Watched } from './judges/judge.ts'
import { createMissingTelemetryJudge } from './judges/missing-telemetry-judge.ts'
import { createNewErrorJudge } from './judges/new-error-judge.ts'
import { createProbeJudge } from './judges/probe-judge.ts'
import { createShareJudge } from './judges/share-judge.ts'
import { createThresholdJudge } from './judges/threshold-judge.ts'
import { createUserReportsJudge } from './judges/user-reports-judge.ts'

export type NamedJudge = { readonly name: string; readonly rule: Rule; readonly judge: Judge }

/**
 * A judge for each rule that is on. Where rules change while it runs, those that did not keep their judge, and with it
 * what it has learned; a new judge of an old name takes over what the old one kept.
 */
export function makeJudges(
  watched: Watched,
  rules: Rules,
  { before, makeDetector }: { before: readonly NamedJudge[]; makeDetector: MakeSeriesDetector },
): NamedJudge[] {
  return Object.entries(rules)
    .filter(([, rule]) => rule.enabled)
    .map(([name, rule]) => {
      const old = before.find((one) => one.name === name)
      if (old && JSON.stringify(old.rule) === JSON.stringify(rule)) return old
      const judge = makeJudge(watched, { name, rule, makeDetector })
      if (old?.rule.kind === rule.kind) judge.restore?.(old.judge.snapshot?.())
      return { name, rule, judge }
    })
}

type Making = { readonly name: string; readonly rule: Rule; readonly makeDetector: MakeSeriesDetector }

function makeJudge(watched: Watched, { name, rule, makeDetector }: Making): Judge {
  switch (rule.kind) {
    case 'error-rate':
    case 'latency':
      return createShareJudge(watched, { name, rule })
    case 'threshold':
      return createThresholdJudge(watched, { name, rule })
    case 'burn-rate':
      return createBurnRateJudge(watched, { name, rule })
    case 'new-error':
      return createNewErrorJudge({ name, rule })
    case 'probe':
      return createProbeJudge(watched, { name, rule })
    case 'user-reports':
      return createUserReportsJudge({ name, rule })
    case 'missing-telemetry':
      return createMissingTelemetryJudge({ name, rule })
    case 'alert':
      return createAlertJudge({ name, rule })
    case 'anomaly':
      return createAnomalyJudge(watched, { name, rule, makeDetector })
    case 'process':
    default:
      return createCrashLoopJudge(watched, { name, rule })
  }
}
