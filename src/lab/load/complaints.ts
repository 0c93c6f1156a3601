import type { Random } from './random.ts'
import type { Outcome, ShopRequest } from './shop-request.ts'
import type { Shopper } from './shopper.ts'
import type { Complaint } from './shoppers-protocol.ts'

/** People who write to support when it hurts; most never do. */
export type Complaints = {
  /** What this answer makes the shopper write, and after how long; null as a rule. */
  consider(felt: Felt): { readonly afterMs: number; readonly complaint: Omit<Complaint, 'at'> } | null
}

export type Felt = {
  readonly shopper: Shopper
  readonly request: ShopRequest
  readonly outcome: Outcome
  readonly failed: boolean
  readonly tookMs: number
  readonly now: number
}

/** Of those who are hurt, so many write in; at 45 % errors of 10,000 a minute one every few seconds would be 1 in 200. */
const SHARE_WHO_WRITE = 1 / 50
/** And not more often than this, however many are hurt: support has one inbox. */
const LEAST_GAP_MS = 2_000
const HURTS_FROM_MS = 5_000
/** Finding the form and writing takes a while. */
const WRITING_MS = [3_000, 15_000] as const

export function createComplaints(random: Random): Complaints {
  let lastAt = -Infinity
  return {
    consider({ shopper, request, outcome, failed, tookMs, now }) {
      // One failure is shrugged off, but not at the till.
      const hurts = failed ? shopper.failures >= 2 || isTill(request) : tookMs >= HURTS_FROM_MS
      if (!hurts || now - lastAt < LEAST_GAP_MS || random() >= SHARE_WHO_WRITE) return null
      lastAt = now
      const [least, most] = WRITING_MS
      const [page = '/'] = request.path.split('?')
      const text = textFor({ request, outcome, failed }, random)
      return {
        afterMs: least + random() * (most - least),
        complaint: { text, page, client: shopper.client },
      }
    },
  }
}

function isTill(request: ShopRequest): boolean {
  return request.route === 'POST /checkout'
}

function textFor(
  { request, outcome, failed }: { request: ShopRequest; outcome: Outcome; failed: boolean },
  random: Random,
): string {
  const texts = failed ? textsOfFailure(request, outcome) : SLOW
  return texts[Math.floor(random() * texts.length)] ?? "It doesn't work"
}

const SLOW = ['Website is very slow', 'Pages take forever to load', 'Your shop is so slow today']

function textsOfFailure(request: ShopRequest, outcome: Outcome): readonly string[] {
  if (isTill(request)) return ["Can't complete checkout", 'Checkout fails every time', 'I cannot pay']
  if (typeof outcome !== 'number')
    return ['Website is down', 'The page does not load at all', 'Is the shop offline?']
  if (request.route.includes('/cart')) return ["Can't put anything into my cart", 'Getting error messages']
  if (request.route === 'GET /search') return ['Search is broken', 'Getting error messages']
  if (request.route === 'POST /login') return ["Can't log in", 'Getting error messages']
  return ['Getting error messages', 'Error 500 on every page', 'Something went wrong, it says']
}
