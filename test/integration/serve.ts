import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { freePort, start, temporaryFolder, type Ended, type Started } from './firebreak.ts'

export type RunningServer = {
  readonly folder: string
  readonly data: string
  readonly configFile: string
  readonly url: string
  /** Address of OTLP over gRPC, without a scheme. */
  readonly grpc: string
  readonly pid: () => number
  readonly get: (path: string) => Promise<unknown>
  readonly post: (path: string, body: unknown) => Promise<Response>
  /** What stands in the configuration besides the ports. */
  readonly configure: (text: string) => void
  readonly said: (text: string) => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => Promise<Ended>
  /** The same again: folder, ports, data. */
  readonly startAgain: () => Promise<void>
}

/** A server of the built product, on ports and a folder of its own; it goes away with the test. */
export async function startServer(configuration = ''): Promise<RunningServer> {
  const folder = temporaryFolder()
  const port = await freePort()
  const data = join(folder, 'data')
  const configFile = join(folder, 'firebreak.yaml')
  const configure = (text: string): void => {
    const ports = `listen: { port: ${port} }\n`
    writeFileSync(
      configFile,
      `${ports}${text === '' ? otlpOn(port) : text.replace('$OTLP', otlpPorts(port))}`,
    )
  }
  configure(configuration)
  let running: Started
  const startAgain = async (): Promise<void> => {
    running = start(['serve', '--config', configFile, '--data', data], { cwd: folder })
    await running.said('Ctrl-C ends it')
  }
  onTestFinished(async () => {
    running.kill('SIGTERM') // its engine ends before it does, and writes no more into a folder that is removed
    await Promise.race([running.ended, pause(10_000, null, { ref: false })])
    running.kill('SIGKILL')
    await running.ended
  })
  await startAgain()
  const url = `http://127.0.0.1:${port}`
  return {
    folder,
    data,
    configFile,
    url,
    grpc: `127.0.0.1:${port + 11}`,
    pid: () => running.pid,
    get: async (path) => (await fetch(`${url}${path}`)).json(),
    post: (path, body) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    configure,
    said: (text) => running.said(text),
    async kill(signal) {
      running.kill(signal)
      return running.ended
    },
    startAgain,
  }
}

const otlpPorts = (port: number): string =>
  `otlp: { http: { port: ${port + 10} }, grpc: { port: ${port + 11} } }`
const otlpOn = (port: number): string => `sources:\n  ${otlpPorts(port)}\n`

/** Asks until the answer is as wanted; throws with the last one after ten seconds. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  withinMs = 10_000,
): Promise<Answer> {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    if (Date.now() > until) throw new Error(`it stayed at ${JSON.stringify(answer)}`)
    await pause(100)
  }
}
