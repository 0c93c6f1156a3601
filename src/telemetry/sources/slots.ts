/** So many at once; who comes later waits, first come first served. */
export type Slots = {
  /** Begins, now or later, with what gives the slot back; giving it back again changes nothing. */
  readonly enter: (begin: (release: () => void) => void) => void
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: ((release: () => void) => void)[] = []

  function start(begin: (release: () => void) => void): void {
    let isHeld = true
    begin(() => {
      if (!isHeld) return
      isHeld = false
      const next = waiting.shift()
      if (next === undefined) free += 1
      else start(next)
    })
  }

  return {
    enter(begin) {
      if (free === 0) {
        waiting.push(begin)
        return
      }
      free -= 1
      start(begin)
    },
  }
}
