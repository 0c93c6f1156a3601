import type { Io } from './io.ts'

/** Progress goes to standard error: whole lines for files and pipes, one line that changes for a terminal. */
export type Progress = {
  /** Something happened that should stay on the screen. */
  readonly note: (text: string) => void
  /** A figure that changes; at most ten times a second on a terminal, and never elsewhere. */
  readonly update: (text: string) => void
  readonly end: () => void
}

export function createProgress(io: Io): Progress {
  const isTerminal = io.stderr.isTTY === true
  let shown = false
  let lastUpdate = 0
  const clear = () => {
    if (shown) io.stderr.write('\r\u001B[K')
    shown = false
  }
  return {
    note(text) {
      clear()
      io.stderr.write(`${text}\n`)
    },
    update(text) {
      const now = io.now()
      if (!isTerminal || now - lastUpdate < 100) return
      lastUpdate = now
      clear()
      io.stderr.write(text.slice(0, 150))
      shown = true
    },
    end: clear,
  }
}
