import { AppError } from '../errors.ts'
import type { Service } from '../service/index.ts'
import { parseUserReport } from '../telemetry/index.ts'
import type { UserReport } from '../telemetry/index.ts'
import { reportJson } from './present.ts'

/** Takes what somebody says is broken. Throws `REQUEST_INVALID`, or `TRY_LATER` while it cannot be kept. */
export async function takeReport(
  { now, newId, intake, redact }: Pick<Service, 'now' | 'newId' | 'intake' | 'redact'>,
  said: unknown,
  source: string,
) {
  const parsed = parseUserReport(said, { id: newId(), at: now(), source })
  if (!parsed.ok) throw new AppError('REQUEST_INVALID', parsed.reason)
  const report = withoutSecrets(parsed.report, redact)
  const taken = await intake.take([{ kind: 'reports', items: [report] }])
  if (taken.kind === 'try-later') throw new AppError('TRY_LATER', taken.reason)
  return reportJson(report)
}

/** Who reports is answered with what is kept, so they see what was taken out. */
function withoutSecrets(report: UserReport, redact: Service['redact']): UserReport {
  const [batch] = redact([{ kind: 'reports', items: [report] }])
  return batch?.kind === 'reports' ? (batch.items[0] ?? report) : report
}
