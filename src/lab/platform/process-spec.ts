import type { ChildProcess as NodeChild } from 'node:child_process'

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

/** Sent one after the other, each with this time to end; SIGKILL comes last in any case. */
export type StopSignals = readonly (readonly [signal: NodeJS.Signals, withinMs: number])[]

export type ProcessSpec = {
  readonly name: string
  readonly launch: () => Launch
  /** Asked again and again after a start until it says yes. */
  readonly isReady: (child: NodeChild) => Promise<boolean>
  readonly readyWithinMs: number
  /** `ipc`: messages; `pipes`: its standard input and output are ours; both are handed to `onStart`. */
  readonly channel?: 'ipc' | 'pipes'
  readonly onStart?: (child: NodeChild) => void
  readonly stopSignals?: StopSignals
}

export type ProcessDeps = {
  readonly logFile: string
  /** What is put in every process' environment, so that the guard finds it. */
  readonly marks: Readonly<Record<string, string>>
  readonly log: (line: string) => void
}
