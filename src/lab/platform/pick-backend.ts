/** What choosing needs to know of an instance. */
export type Candidate = {
  readonly name: string
  readonly weight: number
  readonly isHealthy: boolean
  /** Kept between choices by `createPicker` alone. */
  credit: number
}

export type Canary = { readonly name: string; readonly share: number } | null

/**
 * Smooth weighted round robin, as nginx does it: every choice credits each instance with its weight and debits the
 * chosen one with the sum, so that weights 2:1 give a b a, a b a, and not a a b.
 */
export function createPicker(): <C extends Candidate>(
  candidates: readonly C[],
  canary: Canary,
  except?: string,
) => C | null {
  let canaryCredit = 0
  return (candidates, canary, except) => {
    const open = candidates.filter((one) => one.isHealthy && one.weight > 0 && one.name !== except)
    const bird = canary === null ? undefined : open.find((one) => one.name === canary.name)
    if (canary !== null && bird !== undefined) {
      canaryCredit += canary.share
      if (canaryCredit >= 1) {
        canaryCredit -= 1
        return bird
      }
    }
    const rest = bird !== undefined && open.length > 1 ? open.filter((one) => one !== bird) : open
    return nextInTurn(rest)
  }
}

function nextInTurn<C extends Candidate>(open: readonly C[]): C | null {
  let chosen: C | null = null
  let sum = 0
  for (const one of open) {
    one.credit += one.weight
    sum += one.weight
    if (chosen === null || one.credit > chosen.credit) chosen = one
  }
  if (chosen !== null) chosen.credit -= sum
  return chosen
}
