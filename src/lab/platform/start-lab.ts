import { spawn } from 'node:child_process'
import type { ChildProcess as NodeChild } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'
import { refuseForeignDirectory } from './foreign-directory.ts'
import { lockHolder, releaseLock } from './lab-file.ts'
import type { LabFile } from './lab-file.ts'
import { connectLab } from './lab-client.ts'
import type { LabPlan } from './lab-plan.ts'
import { ownProgram } from './own-program.ts'
import { stateDirectoryAt } from './state-directory.ts'
import type { SupervisorOrder, SupervisorReport } from './supervisor-protocol.ts'

/** A lab that this process started. It ends with us, until it is detached. */
export type StartedLab = {
  readonly file: LabFile
  /** Its supervisor has ended: true where it was told to, and did so in order. */
  readonly ended: Promise<boolean>
  detach(): void
  down(): Promise<void>
}

export type StartOptions = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onProgress: (text: string) => void
  readonly signal: AbortSignal
}

/** Starts the supervisor and waits until the lab is healthy. An abort takes down what there is by then. */
export async function startLab(plan: LabPlan, options: StartOptions): Promise<StartedLab> {
  refuseForeignDirectory(stateDirectoryAt(plan.directory))
  const child = spawnSupervisor(plan, options)
  const tell = (order: SupervisorOrder): void => {
    if (child.connected) child.send(order)
  }
  const ended = once(child, 'exit').then(() => child.exitCode === 0)
  const file = new Promise<LabFile>((resolve, reject) => {
    child.on('message', (report: SupervisorReport) => {
      if (report.kind === 'progress') options.onProgress(report.text)
      else if (report.kind === 'up') resolve(report.file)
      else {
        const { code, message, hint } = report
        reject(new AppError(code ?? 'LAB_FAILED', message, hint === null ? {} : { hint }))
      }
    })
    child.on('error', reject)
    void ended.then(() => {
      const how = child.signalCode ?? `code ${child.exitCode}`
      const why = options.signal.aborted ? 'interrupted' : `the lab's supervisor ended with ${how}`
      reject(new AppError('LAB_FAILED', `${why} before the lab was up`))
    })
  })
  const abort = (): void => tell({ kind: 'down' })
  options.signal.addEventListener('abort', abort)
  tell({ kind: 'up', plan })
  try {
    return {
      file: await file,
      ended,
      detach() {
        tell({ kind: 'detach' })
        options.signal.removeEventListener('abort', abort)
        child.disconnect()
        child.unref()
      },
      async down() {
        tell({ kind: 'down' })
        await ended
      },
    }
  } catch (error) {
    await ended
    throw error
  }
}

function spawnSupervisor(plan: LabPlan, { env }: StartOptions): NodeChild {
  const { program, args } = ownProgram('platform', 'supervisor-main')
  const { root, operator } = stateDirectoryAt(plan.directory)
  let log: number | null = null
  try {
    makeFolder(root, 0o755)
    makeFolder(operator, 0o700)
    log = openSync(join(operator, 'supervisor-errors.log'), 'a')
  } catch {
    // A folder that cannot be made: the supervisor says so better than we could here.
  }
  try {
    return spawn(program, args, {
      cwd: '/',
      env: { PATH: env['PATH'], HOME: env['HOME'], TMPDIR: env['TMPDIR'], TZ: 'UTC' },
      detached: true, // Ctrl-C reaches us alone, and we take it down in order
      stdio: ['ignore', 'ignore', log ?? 'ignore', 'ipc'],
    })
  } finally {
    if (log !== null) closeSync(log)
  }
}

/** Ends the lab of a directory, whoever started it; false where none was up. Resolves when its supervisor is gone. */
export async function stopLab(root: string): Promise<boolean> {
  const directory = stateDirectoryAt(root)
  const pid = await lockHolder(directory)
  if (pid === null) return false
  const asked = await connectLab(root)
    .then((lab) => typeof lab !== 'string' && lab.operator('POST', '/down'))
    .then(
      (answer) => answer !== false,
      () => false, // it does not answer, or its file cannot be read
    )
  if (!asked) process.kill(pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < DOWN_WITHIN_MS; waitedMs += POLL_MS) {
    if ((await lockHolder(directory)) === null) return true
    await pause(POLL_MS)
  }
  process.kill(pid, 'SIGKILL') // its guard ends the rest
  await pause(GUARD_MS)
  await releaseLock(directory)
  return true
}

const POLL_MS = 25
const DOWN_WITHIN_MS = 12_000
const GUARD_MS = 1_500
