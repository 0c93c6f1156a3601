import { setTimeout as pause } from 'node:timers/promises'
import { endTree, MARKER_VARIABLE } from '../../process-tree.ts'

export type LastResort = {
  /** The environment of this process: it carries the mark by which all processes of the lab are known. */
  readonly env: NodeJS.ProcessEnv
  readonly leave: () => void
}

/**
 * For a program on the supervisor's channel. SIGTERM is an order to leave. A channel that breaks without one says that
 * the supervisor was killed: its guard ends the rest of the lab then, unless it was killed, too. So each program on a
 * channel does the same, one after the other, so that they do not end each other half way.
 *
 *     supervisor ──pipe──> guard      ends all at once
 *         └─channel──────> balancer   ends all at once; the wires a little later
 */
export function endWithSupervisor({ env, leave }: LastResort): void {
  let isAlone = false
  process.on('SIGTERM', () => {
    if (!isAlone) leave()
  })
  process.on('disconnect', () => {
    isAlone = true
    void endTheRest(env).finally(leave)
  })
}

const GRACE_MS = 500

async function endTheRest(env: NodeJS.ProcessEnv): Promise<void> {
  const marker = env[MARKER_VARIABLE]
  await pause(Number(env[TURN_VARIABLE] ?? 0))
  if (marker !== undefined) await endTree({ marker, root: null }, GRACE_MS)
}

/** After how many milliseconds it is this program's turn. */
const TURN_VARIABLE = 'END_AFTER_MS'

/** The turns are so far apart that who has one is done before the next begins, its grace included. */
export function endingTurn(turn: number): Readonly<Record<string, string>> {
  return { [TURN_VARIABLE]: String(turn * (GRACE_MS + 200)) }
}
