import { spawn } from 'node:child_process'
import type { ChildProcess as NodeChild } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from './errors.ts'
import { endTree, MARKER_VARIABLE, membersOf } from './process-tree.ts'
import type { ProcessInfo } from './process-tree.ts'

export type ChildOptions = {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Unique among all programs of this machine: `<our pid>-<time>`. */
  readonly marker: string
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
}

export type ChildExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A running program, in a process group of its own. */
export type ChildProcess = {
  readonly pid: number
  /** The first process has ended; others of the program may live on. */
  readonly exited: Promise<ChildExit>
  /** All living processes of the program, also those that left its group. */
  members(): readonly ProcessInfo[]
  /**
   * Ends the program for sure: SIGTERM to all of it, SIGKILL after `graceMs`. Resolves when nothing of it runs and
   * its output has been read to the end; returns what could not be ended.
   */
  stop(graceMs: number): Promise<readonly ProcessInfo[]>
}

/** Starts a command without a shell. Throws `COMMAND_NOT_FOUND` where there is nothing to start. */
export async function startChild(options: ChildOptions): Promise<ChildProcess> {
  const [program = '', ...args] = options.command
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env, [MARKER_VARIABLE]: options.marker },
    detached: true, // a session and group of its own: Ctrl-C reaches us alone, and we end all of it
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.on('data', (chunk: Uint8Array) => options.onOutput('stdout', chunk))
  child.stderr.on('data', (chunk: Uint8Array) => options.onOutput('stderr', chunk))
  const exited = new Promise<ChildExit>((resolveExit) => {
    child.once('exit', (code, signal) => resolveExit({ code, signal }))
  })
  const closed = new Promise<void>((resolveClosed) => child.once('close', () => resolveClosed()))
  const pid = await started(child, options)
  const tree = { marker: options.marker, root: pid }
  let stopping: Promise<readonly ProcessInfo[]> | null = null

  async function stop(graceMs: number): Promise<readonly ProcessInfo[]> {
    const left = await endTree(tree, graceMs)
    await within(closed, OUTPUT_GRACE_MS)
    child.stdout.destroy()
    child.stderr.destroy()
    return left
  }

  return {
    pid,
    exited,
    members: () => membersOf(tree),
    stop: (graceMs) => (stopping ??= stop(graceMs)),
  }
}

/** For the output of processes that have ended; only what could not be ended can hold it open longer. */
const OUTPUT_GRACE_MS = 1_000

async function within(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolveLate) => {
    timer = setTimeout(resolveLate, limitMs)
  })
  await Promise.race([promise, late])
  clearTimeout(timer)
}

async function started(child: NodeChild, options: ChildOptions): Promise<number> {
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw notStarted(options, cause)
  }
  return child.pid ?? -1 // there is one once it has spawned
}

function notStarted(options: ChildOptions, cause: unknown): AppError {
  const [program = ''] = options.command
  const code = (cause as NodeJS.ErrnoException).code
  const said = (message: string, hint: string): AppError =>
    new AppError('COMMAND_NOT_FOUND', message, { hint, cause })
  if (!existsSync(options.cwd)) {
    return said(`expected to run in ${options.cwd}, which is not there`, 'check the working directory')
  }
  if (code === 'ENOENT' && /\s/.test(program) && options.command.length === 1) {
    return said(
      `expected a program, found none called "${program}"`,
      'give the words separately: -- python app.py',
    )
  }
  if (code === 'ENOENT') {
    const where = program.includes('/') ? resolve(options.cwd, program) : `"${program}" on PATH`
    return said(
      `expected a program to run, found no ${where}`,
      'check the spelling, or give its full path (an interpreter that a script names may be missing, too)',
    )
  }
  if (code === 'EACCES' || code === 'ENOEXEC') {
    return said(
      `${resolve(options.cwd, program)} is not a program that can be run`,
      'name its interpreter: -- python app.py',
    )
  }
  return said(
    `expected ${program} to start, but the system said ${code ?? String(cause)}`,
    'start it by hand first',
  )
}
