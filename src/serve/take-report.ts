import { AppError } from '../errors.ts'
import type { Service } from '../service/index.ts'
import { parseUserReport } from '../telemetry/index.ts'
import { reportJson } from './present.ts'

/** Takes what somebody says is broken. Throws `REQUEST_INVALID`, or `TRY_LATER` while it cannot be kept. */
export async function takeReport(
  { now, newId, intake }: Pick<Service, 'now' | 'newId' | 'intake'>,
  said: unknown,
  source: string,
) {
  const parsed = parseUserReport(said, { id: newId(), at: now(), source })
  if (!parsed.ok) throw new AppError('REQUEST_INVALID', parsed.reason)
  const taken = await intake.take([{ kind: 'reports', items: [parsed.report] }])
  if (taken.kind === 'try-later') throw new AppError('TRY_LATER', taken.reason)
  return reportJson(parsed.report)
}
