import { spawn } from 'node:child_process'
import type { ChildProcess as NodeChild } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import { lastLines } from './last-lines.ts'
import type { LabProcess, ProcessOverrides, ProcessState } from './lab-system.ts'

/** How one process is run. Asked anew at every start, so that a release or a setting is the newest. */
export type Launch = {
  readonly program: string
  readonly args: readonly string[]
  /** For programs that run on Node: before the program's own file. */
  readonly nodeFlags?: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly account?: { readonly uid: number; readonly gid: number } | null
}

export type ProcessSpec = {
  readonly name: string
  readonly launch: () => Launch
  /** Asked again and again after a start until it says yes. */
  readonly isReady: (child: NodeChild) => Promise<boolean>
  readonly readyWithinMs: number
  /** `ipc`: messages; `pipes`: its standard input and output are ours; both are handed to `onStart`. */
  readonly channel?: 'ipc' | 'pipes'
  readonly onStart?: (child: NodeChild) => void
  /** Sent one after the other, each with this time to end; SIGKILL comes last in any case. */
  readonly stopSignals?: readonly (readonly [NodeJS.Signals, withinMs: number])[]
}

export type ProcessDeps = {
  readonly logFile: string
  /** What is put in every process' environment, so that the guard finds it. */
  readonly marks: Readonly<Record<string, string>>
  readonly log: (line: string) => void
}

/** A process that is started again when it ends by itself, as a service manager would do. */
export type SupervisedProcess = LabProcess & {
  start(): Promise<void>
}

const DEFAULT_STOP: readonly (readonly [NodeJS.Signals, number])[] = [['SIGTERM', 2_000]]
const BACK_OFF_MS = [250, 500, 1_000, 2_000, 4_000, 8_000] as const
/** After so long a life the next end is a new story. */
const STEADY_MS = 20_000
const POLL_MS = 40

/** Keeps one process running; the first start waits until it is ready, and throws `LAB_FAILED` where it never is. */
export function superviseProcess(deps: ProcessDeps, spec: ProcessSpec): SupervisedProcess {
  let child: NodeChild | null = null
  let state: ProcessState = 'stopped'
  let crashes = 0
  let quickEnds = 0
  let overrides: ProcessOverrides = {}
  let generation = 0

  function launch(): NodeChild {
    const started = spawnInGroup(deps, spec, overrides)
    const bornAt = performance.now()
    const own = ++generation
    child = started
    started.on('error', (error) => deps.log(`${spec.name} did not start: ${error.message}`))
    started.once('exit', (code, signal) => {
      if (child === started) child = null
      if (own !== generation || state === 'stopped') return
      crashes += 1
      quickEnds = performance.now() - bornAt > STEADY_MS ? 0 : quickEnds + 1
      deps.log(`${spec.name} ended with ${signal ?? `code ${code}`}, starting it again`)
      state = 'restarting'
      void startAgain(own, BACK_OFF_MS[Math.min(quickEnds, BACK_OFF_MS.length) - 1] ?? BACK_OFF_MS[0])
    })
    spec.onStart?.(started)
    return started
  }

  async function startAgain(own: number, afterMs: number): Promise<void> {
    await pause(afterMs, undefined, { ref: false })
    if (own !== generation || state !== 'restarting') return // stopped, or started by somebody else
    const started = launch()
    if (await becomesReady(started, spec, deps)) state = 'up'
  }

  async function start(): Promise<void> {
    state = 'starting'
    const started = launch()
    const ready = becomesReady(started, spec, deps).then((isReady) => {
      if (isReady && child === started) state = 'up'
      return isReady
    })
    if (overrides.waitUntilReady === false || (await ready)) return
    throw new AppError('LAB_FAILED', await whyNotReady(started, spec, deps), { hint: `see ${deps.logFile}` })
  }

  async function stop(): Promise<void> {
    state = 'stopped'
    generation += 1
    const ending = child
    if (ending !== null) await endGroup(ending, spec.stopSignals ?? DEFAULT_STOP)
    if (child === ending) child = null
  }

  function kill(signal: NodeJS.Signals): void {
    if (child?.pid !== undefined) signalGroup(child.pid, signal)
  }

  return {
    name: spec.name,
    logFile: deps.logFile,
    get pid() {
      return child?.pid ?? null
    },
    get state() {
      return state
    },
    get crashes() {
      return crashes
    },
    start,
    stop,
    kill,
    pause: () => kill('SIGSTOP'),
    resume: () => kill('SIGCONT'),
    async restart(given) {
      overrides = merge(overrides, given)
      await stop()
      quickEnds = 0
      await start()
    },
  }
}

function merge(before: ProcessOverrides, given: ProcessOverrides | undefined): ProcessOverrides {
  const { waitUntilReady, ...parts } = given ?? {}
  return { ...before, waitUntilReady: waitUntilReady ?? true, ...parts }
}

function spawnInGroup(deps: ProcessDeps, spec: ProcessSpec, overrides: ProcessOverrides): NodeChild {
  const { program, args, nodeFlags = [], cwd, env, account } = spec.launch()
  const log = openSync(deps.logFile, 'a') // appending: rotation may cut the file under it
  const ours = spec.channel === 'pipes' ? 'pipe' : 'ignore'
  try {
    return spawn(program, [...(overrides.nodeFlags ?? nodeFlags), ...args], {
      cwd,
      env: withOverrides({ ...env, ...deps.marks }, overrides.env ?? {}),
      detached: true, // a group of its own: a signal reaches all of it, and Ctrl-C none of it
      stdio: [
        ours,
        spec.channel === 'pipes' ? 'pipe' : log,
        log,
        ...(spec.channel === 'ipc' ? (['ipc'] as const) : []),
      ],
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

async function becomesReady(child: NodeChild, spec: ProcessSpec, deps: ProcessDeps): Promise<boolean> {
  const until = performance.now() + spec.readyWithinMs
  while (performance.now() < until) {
    if (hasEnded(child)) return false
    if (await spec.isReady(child).catch(() => false)) return !hasEnded(child)
    await pause(POLL_MS, undefined, { ref: false })
  }
  deps.log(`${spec.name} was not ready within ${spec.readyWithinMs / 1000} s`)
  return false
}

async function whyNotReady(child: NodeChild, spec: ProcessSpec, deps: ProcessDeps): Promise<string> {
  const what = hasEnded(child)
    ? `it ended with ${child.signalCode ?? `code ${child.exitCode}`}`
    : `it was not within ${spec.readyWithinMs / 1000} s`
  const said = await lastLines(deps.logFile, 6)
  return `expected ${spec.name} to become ready, but ${what}${said === '' ? '' : `:\n${said}`}`
}

function hasEnded(child: NodeChild): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

async function endGroup(
  child: NodeChild,
  signals: readonly (readonly [NodeJS.Signals, number])[],
): Promise<void> {
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

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has ended already.
  }
}
