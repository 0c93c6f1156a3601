import { drawJourney } from './journeys.ts'
import type { Random } from './random.ts'
import type { ShopRequest } from './shop-request.ts'
import { newShopper } from './shopper.ts'
import type { Shopper } from './shopper.ts'

/** Everyone in the shop at the moment. */
export type Crowd = {
  /** The next request of whoever has looked at their page for the longest; who has left is replaced. */
  next(perSecond: number): { readonly shopper: Shopper; readonly request: ShopRequest }
}

type Visit = { readonly shopper: Shopper; readonly steps: Generator<ShopRequest, void> }

/** People look at a page for so long: at a rate of 100 a second, 200 are in the shop. */
const LOOKING_SECONDS = 2
const FEWEST = 20

/**
 * Whoever's turn it is acts, whether or not their last answer has come: people who wait click again, and the mixture of
 * requests stays the same while the shop stands still. What a step needs from an answer that has not come is left out.
 */
export function createCrowd(random: Random): Crowd {
  const visits: Visit[] = []
  let head = 0

  function takeFirst(): Visit | null {
    const first = visits[head]
    if (first === undefined) return null
    head += 1
    if (head > 4096 && head * 2 > visits.length) {
      visits.splice(0, head)
      head = 0
    }
    return first
  }

  function newVisit(): Visit {
    const shopper = newShopper(random)
    return { shopper, steps: drawJourney(random)(shopper, random) }
  }

  return {
    next(perSecond) {
      const isFull = visits.length - head >= Math.max(FEWEST, perSecond * LOOKING_SECONDS)
      for (let visit = isFull ? takeFirst() : newVisit(); ; visit = newVisit()) {
        const step = visit?.steps.next()
        if (visit === null || step === undefined || step.done === true) continue
        visits.push(visit)
        return { shopper: visit.shopper, request: step.value }
      }
    },
  }
}
