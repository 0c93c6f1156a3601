import type { Readable, Writable } from 'node:stream'
import type { App } from '../app.ts'
import type { OpenDoor } from '../service/index.ts'
import type { EpochMs } from '../time.ts'

/** What a door gets of the process it runs in. */
export type Io = {
  readonly stdin: Readable
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => EpochMs
  readonly loadApp: () => Promise<App>
  /** Called for Ctrl-C, SIGTERM and SIGHUP. */
  readonly onInterrupt: (handle: () => void) => void
  /** From now on SIGHUP calls this instead. */
  readonly onHangUp: (handle: () => void) => void
  /** Opens the HTTP door: the doors do not know each other. */
  readonly openDoor: OpenDoor
  readonly exitNow: (code: number) => void
}

export const exitCodes = { done: 0, failed: 1, usage: 2, incidentFound: 3 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/**
 * The signal that Ctrl-C aborts. A second Ctrl-C no longer waits for a tidy end: children die with us
 * (the supervisor watches for that), so leaving at once leaves nothing behind.
 */
export function interruptible(io: Io): AbortSignal {
  const controller = new AbortController()
  io.onInterrupt(() => {
    if (controller.signal.aborted) return io.exitNow(130)
    io.stderr.write('\ninterrupted: finishing with what was seen (again to leave at once)\n')
    controller.abort()
  })
  return controller.signal
}
