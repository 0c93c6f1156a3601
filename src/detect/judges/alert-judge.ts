import type { AlertRule } from '../../contract/rules.ts'
import type { ReceivedAlert } from '../../telemetry/index.ts'
import { globMatcher } from '../glob.ts'
import type { Judge, LiveSign } from './judge.ts'
import { NOBODY } from './judge.ts'

const MAX_ALERTS = 2000
/** Alertmanager repeats what still fires every four hours by default; what is not repeated for this long is over. */
const FORGOTTEN_MS = 24 * 3_600_000

/** What another monitoring system says is wrong stays wrong until it says otherwise. */
export function createAlertJudge({ name, rule }: { readonly name: string; readonly rule: AlertRule }): Judge {
  const isService = globMatcher(rule.service)
  const firing = new Map<string, { readonly alert: ReceivedAlert; readonly heardAt: number }>()

  function signOf(alert: ReceivedAlert, heardAt: number): LiveSign {
    return {
      rule: name,
      subject: { ...NOBODY, service: alert.service, resource: `${alert.source} ${alert.name} ${alert.key}` },
      urgency: rule.urgencies[alert.severity.toLowerCase()] ?? 'P4',
      since: alert.startedAt,
      lastAt: heardAt,
      summary: `${alert.source} says: ${alert.name}${['', alert.name].includes(alert.summary) ? '' : `, ${alert.summary}`}`,
      evidence: [],
    }
  }

  return {
    observe(batch, now) {
      if (batch.kind !== 'alerts') return
      for (const alert of batch.items) {
        if (!isService(alert.service ?? '')) continue
        if (alert.status === 'resolved') firing.delete(alert.key)
        else if (firing.has(alert.key) || firing.size < MAX_ALERTS)
          firing.set(alert.key, { alert, heardAt: now })
      }
    },
    judge(now) {
      for (const [key, { heardAt }] of firing) if (heardAt < now - FORGOTTEN_MS) firing.delete(key)
      return [...firing.values()].map(({ alert, heardAt }) => signOf(alert, heardAt))
    },
    snapshot: () =>
      [...firing.values()].map(({ alert, heardAt }) => ({ alert: { ...alert, labels: [] }, heardAt })),
    restore(kept) {
      if (!Array.isArray(kept)) return
      type Kept = { readonly alert: ReceivedAlert; readonly heardAt: number }
      for (const { alert, heardAt } of kept as readonly Kept[])
        firing.set(alert.key, { alert: { ...alert, labels: new Map() }, heardAt })
    },
  }
}
