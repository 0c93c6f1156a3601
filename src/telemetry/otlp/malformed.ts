import { AppError } from '../../errors.ts'

/** What was wrong with the bytes of a sender, and where: offset, message and field, or a path of JSON. */
export function malformed(expected: string, found: string, where: string): AppError {
  const hint =
    'the sender and this version of the protocol disagree, or the body was cut or changed on its way'
  return new AppError('TELEMETRY_MALFORMED', `expected ${expected}, found ${found} (${where})`, { hint })
}

/** More things in one request than are taken at once; the sender has to send smaller ones. */
export function tooMany(what: string, limit: number): AppError {
  const hint =
    "lower the sender's batch size (OTEL_BSP_MAX_EXPORT_BATCH_SIZE, the batch processor, max_samples_per_send)"
  return new AppError('TELEMETRY_TOO_LARGE', `expected at most ${limit} ${what} in a request, found more`, {
    hint,
  })
}
