import type { RunningService } from '../service/index.ts'
import { VERSION } from '../version.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { textOption, wholeOption } from './options.ts'

/** `firebreak serve [--config FILE] [--port N] [--host H] [--data DIR] [--token T]`: until Ctrl-C. */
export async function serveCommand(
  io: Io,
  _words: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const stopping = new AbortController()
  io.onInterrupt(() => {
    if (stopping.signal.aborted) return io.exitNow(130) // the engine notices, and ends itself
    io.stderr.write('\nshutting down: storing what was taken (again to leave at once)\n')
    stopping.abort()
  })
  const note = (text: string): void => void io.stderr.write(`${text}\n`)
  const app = await io.loadApp()
  const running = await app.serve(
    {
      configFile: textOption(options, 'config'),
      host: textOption(options, 'host'),
      port: wholeOption(options, 'port', [0, 65_535]),
      data: textOption(options, 'data'),
      token: textOption(options, 'token'),
    },
    { note, openDoor: io.openDoor, onHangUp: io.onHangUp },
  )
  for (const line of startLines(running)) note(line)
  await until(stopping.signal)
  await running.stop()
  return exitCodes.done
}

/** What listens where, and what to point there. */
function startLines({ url, listening, dataRoot, token }: RunningService): readonly string[] {
  return [
    `Firebreak ${VERSION} listens on ${url}`,
    ...listening,
    '',
    `  OpenTelemetry   OTEL_EXPORTER_OTLP_ENDPOINT=${url}${token === null ? '' : ' OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20…'}`,
    `  Prometheus      remote_write: [{url: ${url}/api/v1/write}]`,
    `  Alertmanager    webhook_configs: [{url: ${url}/webhooks/alertmanager}]`,
    `  changes         POST ${url}/webhooks/changes   (or /github, /gitlab, /argocd)`,
    `  people          ${url}/report`,
    `  see             firebreak detections --follow   ${url}/docs`,
    `  data            ${dataRoot}`,
    '',
    'Ctrl-C ends it.',
  ]
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
