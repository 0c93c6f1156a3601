/** Runs changes in the order they were asked for, each when the one before has ended, well or not. */
export function oneAtATime(): <T>(change: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (change) => {
    const result = last.then(change)
    last = result.catch(() => {}) // the one who asked hears of it
    return result
  }
}
