/**
 * How many bytes of senders are in memory at once, over all ways in: what is received and what it inflates to, from
 * the first byte until the request is answered. Bytes count when they are there, not when they are announced, so that
 * a sender who announces much and sends nothing takes no room from others.
 */
export type Admission = {
  readonly inFlight: () => number
  /** Room for a request that is about to be read; null: come again later. `announced` bytes have to fit, where known. */
  readonly enter: (announced: number) => Ticket | null
}

export type Ticket = {
  /** Takes more room; false when there is none. */
  readonly grow: (bytes: number) => boolean
  /** Gives all of it back; once. */
  readonly leave: () => void
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

export function createAdmission({ maxBytes = DEFAULT_MAX_BYTES }: { maxBytes?: number } = {}): Admission {
  let inFlight = 0
  return {
    inFlight: () => inFlight,
    enter(announced) {
      if (inFlight + announced > maxBytes || inFlight >= maxBytes) return null
      let own = 0
      return {
        grow(bytes) {
          if (inFlight + bytes > maxBytes) return false
          own += bytes
          inFlight += bytes
          return true
        },
        leave() {
          inFlight -= own
          own = 0
        },
      }
    },
  }
}
