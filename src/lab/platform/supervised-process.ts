import type { ChildProcess as NodeChild } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import { endGroup, hasEnded, signalGroup, spawnInGroup } from './group-process.ts'
import { lastLines } from './last-lines.ts'
import type { LabProcess, ProcessOverrides, ProcessState } from './lab-system.ts'
import type { ProcessDeps, ProcessSpec, StopSignals } from './process-spec.ts'

const DEFAULT_STOP: StopSignals = [['SIGTERM', 2_000]]
const BACK_OFF_MS = [250, 500, 1_000, 2_000, 4_000, 8_000] as const
/** After so long a life the next end is a new story. */
const STEADY_MS = 20_000
const POLL_MS = 40

/**
 * A process that is started again when it ends by itself, as a service manager would do.
 *
 *     stopped ──start──> starting ──ready──> up ──ends──> restarting ──ready──> up
 *        ^──────────────────stop───────────────────────────────┘
 */
export class SupervisedProcess implements LabProcess {
  readonly name: string
  readonly logFile: string
  readonly #deps: ProcessDeps
  readonly #spec: ProcessSpec
  #child: NodeChild | null = null
  #state: ProcessState = 'stopped'
  #crashes = 0
  #quickEnds = 0
  #overrides: ProcessOverrides = {}
  /** Every start and stop is a new one: what an older one still waits for is void. */
  #generation = 0

  constructor(deps: ProcessDeps, spec: ProcessSpec) {
    this.name = spec.name
    this.logFile = deps.logFile
    this.#deps = deps
    this.#spec = spec
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  get state(): ProcessState {
    return this.#state
  }

  get crashes(): number {
    return this.#crashes
  }

  /** Waits until it is ready, and throws `LAB_FAILED` where it never is. */
  async start(): Promise<void> {
    this.#state = 'starting'
    const child = this.#launch()
    const ready = this.#becomesReady(child)
    if (this.#overrides.waitUntilReady === false || (await ready)) return
    throw new AppError('LAB_FAILED', await this.#whyNotReady(child), { hint: `see ${this.logFile}` })
  }

  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#generation += 1
    const ending = this.#child
    if (ending !== null) await endGroup(ending, this.#spec.stopSignals ?? DEFAULT_STOP)
    if (this.#child === ending) this.#child = null
  }

  async restart(given: ProcessOverrides = {}): Promise<void> {
    this.#overrides = { ...this.#overrides, waitUntilReady: true, ...given }
    await this.stop()
    this.#quickEnds = 0
    await this.start()
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, signal)
  }

  pause(): void {
    this.kill('SIGSTOP')
  }

  resume(): void {
    this.kill('SIGCONT')
  }

  #launch(): NodeChild {
    const child = spawnInGroup(this.#spec, this.#deps, this.#overrides)
    const bornAt = performance.now()
    const generation = ++this.#generation
    this.#child = child
    child.on('error', (error) => this.#deps.log(`${this.name} did not start: ${error.message}`))
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#child = null
      if (generation !== this.#generation || this.#state === 'stopped') return
      this.#crashes += 1
      this.#quickEnds = performance.now() - bornAt > STEADY_MS ? 1 : this.#quickEnds + 1
      this.#deps.log(`${this.name} ended with ${signal ?? `code ${code}`}, starting it again`)
      this.#state = 'restarting'
      void this.#startAgain(generation)
    })
    this.#spec.onStart?.(child)
    return child
  }

  async #startAgain(generation: number): Promise<void> {
    const step = Math.min(this.#quickEnds, BACK_OFF_MS.length) - 1
    await pause(BACK_OFF_MS[step], undefined, { ref: false })
    // Unless it was stopped, or started by somebody else.
    if (generation === this.#generation && this.#state === 'restarting') {
      await this.#becomesReady(this.#launch())
    }
  }

  async #becomesReady(child: NodeChild): Promise<boolean> {
    const { isReady, readyWithinMs } = this.#spec
    const until = performance.now() + readyWithinMs
    while (performance.now() < until && !hasEnded(child)) {
      if (await isReady(child).catch(() => false)) {
        if (this.#child === child) this.#state = 'up'
        return !hasEnded(child)
      }
      await pause(POLL_MS, undefined, { ref: false })
    }
    return false
  }

  async #whyNotReady(child: NodeChild): Promise<string> {
    const what = hasEnded(child)
      ? `it ended with ${child.signalCode ?? `code ${child.exitCode}`}`
      : `it was not within ${this.#spec.readyWithinMs / 1000} s`
    const said = await lastLines(this.logFile, 12)
    return `expected ${this.name} to become ready, but ${what}${said === '' ? '' : `:\n${said}`}`
  }
}
