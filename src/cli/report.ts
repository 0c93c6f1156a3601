import { reportSchema } from '../contract/api.ts'
import { AppError } from '../errors.ts'
import { apiClient } from './api-client.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { textOption } from './options.ts'

/** `firebreak report TEXT [--service S] [--page URL]`: say that something is broken. */
export async function reportCommand(
  io: Io,
  words: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const text = words.join(' ').trim()
  if (text === '') throw new AppError('USAGE', 'expected what is broken, in words; found nothing')
  const client = await apiClient(io, options)
  const service = textOption(options, 'service')
  const url = textOption(options, 'page')
  const report = reportSchema.parse(
    await client.post('/api/v1/reports', { text, service, url, source: 'cli' }),
  )
  io.stdout.write(
    options['json'] === true ? `${JSON.stringify(report)}\n` : `reported as ${report.id}; thank you\n`,
  )
  return exitCodes.done
}
