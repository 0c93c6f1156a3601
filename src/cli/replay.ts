import { exitCodes, interruptible, type ExitCode, type Io } from './io.ts'
import { urlOptions } from './options.ts'
import { createProgress } from './progress.ts'

/** `firebreak replay FILE [--url URL]`: exit 3 when the requests still fail. */
export async function replayCommand(
  io: Io,
  [file = '']: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const [url = null] = urlOptions(options)
  const progress = createProgress(io)
  const app = await io.loadApp()
  const result = await app.replay({ file, url }, { progress, signal: interruptible(io) })
  progress.end()
  const stillFailing = result.stillFailing.length
  if (options['json'] === true) {
    io.stdout.write(`${JSON.stringify({ schema: 1, ...result })}\n`)
  } else {
    for (const { route, failed, sent, answer } of result.stillFailing)
      io.stdout.write(`still fails  ${route}  ${failed} of ${sent}  ${answer}\n`)
    io.stdout.write(
      `${result.sent} requests sent, ${stillFailing === 0 ? 'none fails any more' : `${stillFailing} still fail`}\n`,
    )
  }
  return stillFailing > 0 ? exitCodes.incidentFound : exitCodes.done
}
