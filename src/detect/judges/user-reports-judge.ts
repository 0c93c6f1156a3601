import type { UserReportsRule } from '../../contract/rules.ts'
import type { UserReport } from '../../telemetry/index.ts'
import { globMatcher } from '../glob.ts'
import type { Judge } from './judge.ts'
import { NOBODY } from './judge.ts'

const MAX_KEPT = 1000
const MAX_SHOWN = 80

/** So many people say within some minutes that it is broken; reports of one id count once. */
export function createUserReportsJudge({
  name,
  rule,
}: {
  readonly name: string
  readonly rule: UserReportsRule
}): Judge {
  const isService = globMatcher(rule.service)
  let reports: readonly UserReport[] = []

  return {
    observe(batch) {
      if (batch.kind !== 'reports') return
      const known = new Set(reports.map(({ id }) => id))
      const fresh = batch.items.filter(({ id, service }) => !known.has(id) && isService(service ?? ''))
      reports = [...reports, ...fresh].slice(-MAX_KEPT)
    },
    judge(now) {
      reports = reports.filter(({ at }) => at > now - rule.within)
      // A report that names no service is about all of it.
      const byService = Map.groupBy(reports, ({ service }) => service)
      return [...byService].flatMap(([service, own]) => {
        const sorted = own.toSorted((a, b) => a.at - b.at)
        const [first] = sorted
        const last = sorted.at(-1)
        if (!first || !last || own.length < rule.count) return []
        const said = last.text.replaceAll(/\s+/g, ' ').slice(0, MAX_SHOWN)
        return [
          {
            rule: name,
            subject: { ...NOBODY, service },
            urgency: rule.urgency,
            since: first.at,
            lastAt: last.at,
            summary: `${own.length} user reports within ${rule.within / 60_000} min, limit ${rule.count}; the last says: ${said}`,
            evidence: [
              { name: 'reports', value: own.length, unit: '{report}' },
              { name: 'limit', value: rule.count, unit: '{report}' },
            ],
          },
        ]
      })
    },
  }
}
