import { wholeBetween } from './random.ts'
import type { Random } from './random.ts'
import { isFailure } from './shop-request.ts'
import type { Answer, ShopRequest } from './shop-request.ts'

/** Someone in the shop: what they are known by, and what they remember of the answers so far. */
export type Shopper = {
  /** Their address, as the network in front of the shop passes it on. */
  readonly client: string
  readonly agent: string
  readonly cartId: string
  readonly account: number
  hasItems: boolean
  orderId: string | null
  linkCode: string | null
  /** Failures in a row. */
  failures: number
  /** Longest wait for an answer in this visit. */
  longestMs: number
}

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 20_1 like Mac OS X) AppleWebKit/605.1 Mobile/22B91 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0',
  'ShopApp/4.2 (Android 17)',
] as const

/** Accounts that the shop's data has. */
export const ACCOUNTS = 50_000

export function newShopper(random: Random): Shopper {
  return {
    // 198.18.0.0/15 is set aside for benchmarks (RFC 2544): nobody's real address.
    client: `198.${wholeBetween(random, 18, 19)}.${wholeBetween(random, 0, 255)}.${wholeBetween(random, 1, 254)}`,
    agent: AGENTS[wholeBetween(random, 0, AGENTS.length - 1)] ?? AGENTS[0],
    cartId: cartIdFrom(random),
    account: wholeBetween(random, 1, ACCOUNTS),
    hasItems: false,
    orderId: null,
    linkCode: null,
    failures: 0,
    longestMs: 0,
  }
}

/** As a browser makes one: a random UUID (version 4). */
function cartIdFrom(random: Random): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => wholeBetween(random, 0, 15).toString(16)).join('')
  return `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`
}

export function remember(
  shopper: Shopper,
  request: ShopRequest,
  answer: Answer & { readonly tookMs: number },
): void {
  shopper.longestMs = Math.max(shopper.longestMs, answer.tookMs)
  if (isFailure(answer.outcome)) {
    shopper.failures += 1
    return
  }
  shopper.failures = 0
  if (typeof answer.outcome !== 'number' || answer.outcome >= 400) return
  if (request.route === 'POST /cart/:id/items') shopper.hasItems = true
  if (request.route === 'POST /checkout') {
    shopper.hasItems = false
    shopper.orderId = /"(?:orderId|id)"\s*:\s*"?([\w-]+)/.exec(answer.body)?.[1] ?? null
  }
  if (request.route === 'POST /links') {
    shopper.linkCode = /"code"\s*:\s*"([\w-]+)"/.exec(answer.body)?.[1] ?? null
  }
}
