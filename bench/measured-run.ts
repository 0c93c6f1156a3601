import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** One run of a whole process, as the operating system saw it. */
export type MeasuredRun = {
  readonly seconds: number
  readonly peakMegabytes: number
  readonly code: number | null
  readonly stdout: string
}

/** Starts a command, waits for its end, and reads its peak memory (Linux: VmHWM of it and its children). */
export async function measureRun(command: readonly string[], cwd: string): Promise<MeasuredRun> {
  const [program = '', ...args] = command
  const began = performance.now()
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  let peakKilobytes = 0
  const watch = setInterval(() => {
    peakKilobytes = Math.max(peakKilobytes, peakOf(child.pid ?? 0))
  }, 20)
  const code = await new Promise<number | null>((ended) => child.on('close', ended))
  clearInterval(watch)
  return { seconds: (performance.now() - began) / 1000, peakMegabytes: peakKilobytes / 1024, code, stdout }
}

function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** The middle of several runs. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
