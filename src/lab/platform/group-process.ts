import { spawn } from 'node:child_process'
import type { ChildProcess as NodeChild } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessOverrides } from './lab-system.ts'
import type { ProcessDeps, ProcessSpec, StopSignals } from './process-spec.ts'

/** Starts a process that leads a group of its own: a signal reaches all of it, and Ctrl-C none of it. */
export function spawnInGroup(
  spec: ProcessSpec,
  deps: Pick<ProcessDeps, 'logFile' | 'marks'>,
  overrides: ProcessOverrides,
): NodeChild {
  const { program, args, nodeFlags = [], cwd, env, account } = spec.launch()
  const log = openSync(deps.logFile, 'a') // appending: rotation may cut the file under it
  const hasPipes = spec.channel === 'pipes'
  const channel = spec.channel === 'ipc' ? (['ipc'] as const) : []
  try {
    return spawn(program, [...(overrides.nodeFlags ?? nodeFlags), ...args], {
      cwd,
      env: withOverrides({ ...env, ...deps.marks }, overrides.env ?? {}),
      detached: true,
      stdio: [hasPipes ? 'pipe' : 'ignore', hasPipes ? 'pipe' : log, log, ...channel],
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
    })
  } finally {
    closeSync(log)
  }
}

function withOverrides(
  env: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = Object.entries({ ...env, ...overrides })
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null))
}

export function hasEnded(child: NodeChild): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

/** Resolves when the process is gone, with all that is left in its group. */
export async function endGroup(child: NodeChild, signals: StopSignals): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  const ended = new Promise<boolean>((resolve) => {
    if (hasEnded(child)) resolve(true)
    child.once('exit', () => resolve(true))
  })
  for (const [signal, withinMs] of signals) {
    signalGroup(pid, signal)
    const late = pause(withinMs, false, { ref: false })
    if (await Promise.race([ended, late])) break
  }
  signalGroup(pid, 'SIGKILL') // also what the process had started and left in its group
  await ended
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has ended already.
  }
}
