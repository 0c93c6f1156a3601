/** Time as the load engine knows it; tests move it by hand. */
export type LoadClock = {
  /** Milliseconds that never jump, with fractions. */
  now(): number
  /** Epoch milliseconds, for what others read. */
  wall(): number
  /** Calls back once; what is returned calls it off. */
  after(ms: number, callback: () => void): () => void
}
