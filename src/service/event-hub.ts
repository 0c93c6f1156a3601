/** Something that happened, for those who follow along: `id` orders it, also across restarts. */
export type HubEvent = {
  /** `<epoch milliseconds>-<count>`: ascending. */
  readonly id: string
  /** `detection`, `change`, `report`, `alert`, `configuration` */
  readonly kind: string
  /** What is told, as JSON can say it. */
  readonly data: unknown
}

/** Tells those who listen, and remembers the last events for those who come back. */
export type EventHub = {
  readonly publish: (kind: string, data: unknown) => void
  /** All events from now on; ends with the function that is given back. */
  readonly subscribe: (tell: (event: HubEvent) => void) => () => void
  /** What came after the event of this id; null where that is no longer known, and all has to be asked for anew. */
  readonly since: (id: string) => readonly HubEvent[] | null
  readonly listeners: () => number
}

export const REMEMBERED_EVENTS = 2_000

export function createEventHub(now: () => number, remembered = REMEMBERED_EVENTS): EventHub {
  const listeners = new Set<(event: HubEvent) => void>()
  const events: HubEvent[] = []
  let count = 0
  return {
    publish(kind, data) {
      const event = { id: `${now()}-${++count}`, kind, data }
      events.push(event)
      if (events.length > remembered) events.shift()
      for (const tell of listeners) tell(event)
    },
    subscribe(tell) {
      // A wrapper, so that one function may subscribe twice and each ends alone.
      const listener = (event: HubEvent): void => tell(event)
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    since(id) {
      const at = events.findIndex((event) => event.id === id)
      return at < 0 ? null : events.slice(at + 1)
    },
    listeners: () => listeners.size,
  }
}
