import { appendFileSync } from 'node:fs'
import type { EpochMs } from '../../time.ts'
import { toIso } from '../../time.ts'
import type { ChangeEvent, Changes } from './lab-system.ts'

/** Who did it, where nobody says: the team's own pipeline. */
export const PIPELINE = 'pipeline'

const KEPT_CHANGES = 5_000

/** Every change that somebody made to the running system, in memory and as JSON Lines in the logs. */
export function createChangeLog(now: () => EpochMs, file: string): Changes {
  const events: ChangeEvent[] = []
  let lastId = 0
  return {
    record({ who = PIPELINE, ...change }) {
      const event: ChangeEvent = { id: ++lastId, at: now(), who, ...change }
      events.push(event)
      if (events.length > KEPT_CHANGES) events.shift()
      appendFileSync(file, `${JSON.stringify({ ...event, at: toIso(event.at) })}\n`)
      return event
    },
    since: (at) => events.filter((event) => event.at >= at),
  }
}
