import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { incidentSchema, type IncidentJson } from '../../src/contract/incident-json.ts'

export const FIREBREAK = resolve(import.meta.dirname, '..', '..', 'bin', 'firebreak')

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type Started = {
  readonly ended: Promise<Ended>
  /** Resolves when standard error holds the text. */
  said(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  readonly pid: number
}

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-it-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Below the ports that outgoing connections take (32768 and up): one of those could be gone a moment later. */
const PORTS = { from: 10_000, until: 31_000, step: 13 }
let lastPort = PORTS.from + ((process.pid * 37) % (PORTS.until - PORTS.from))

/** A port that nobody listens on, nor on the two above it that a lab takes for its APIs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lastPort >= PORTS.until ? PORTS.from : lastPort + PORTS.step
    lastPort = port // whoever asks meanwhile gets another one
    const isFree = await Promise.all([0, 10, 11].map((above) => canListen(port + above)))
    if (isFree.every(Boolean)) return port
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const listens = await new Promise<boolean>((known) => {
    server.once('listening', () => known(true))
    server.once('error', () => known(false))
  })
  if (listens) await new Promise((closed) => server.close(closed))
  return listens
}

/** Starts the built product as a person would: the launcher, with arguments. */
export function start(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; stdin?: string },
): Started {
  const child = spawn(FIREBREAK, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const waiting: { text: string; resolve: () => void }[] = []
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    for (const { text, resolve: go } of waiting) if (stderr.includes(text)) go()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, stdout, stderr })))
  return {
    ended,
    pid: child.pid ?? -1,
    kill: (signal) => child.kill(signal),
    said: (text) =>
      Promise.race([
        new Promise<void>((go) => (stderr.includes(text) ? go() : waiting.push({ text, resolve: go }))),
        ended.then((end) => {
          throw new Error(`it ended with ${end.code} before it said "${text}":\n${end.stderr}`)
        }),
      ]),
  }
}

export async function firebreak(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; stdin?: string },
): Promise<Ended> {
  return start(args, options).ended
}

/** The one object that `--json` printed, checked against the published schema. */
export function incidentOf({ stdout, stderr }: Ended): IncidentJson {
  try {
    return incidentSchema.parse(JSON.parse(stdout))
  } catch (cause) {
    throw new Error(
      `expected incident.json on stdout, found:\n${stdout.slice(0, 2000)}\nstderr:\n${stderr}`,
      { cause },
    )
  }
}

export function readOut(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

/** Processes whose command line or environment names the marker: what a test left running. */
export function leftRunning(marker: string): readonly string[] {
  const { readdirSync } = process.getBuiltinModule('node:fs')
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const isZombie = /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        return words.includes(marker) && !isZombie ? [`${pid} ${words}`] : []
      } catch {
        return []
      }
    })
}
