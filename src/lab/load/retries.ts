import type { Random } from './random.ts'
import type { ShopperProfile } from './shoppers-protocol.ts'

type RetryRule = {
  /** Of those whose request failed, so many ask again. */
  readonly share: number
  readonly most: number
  readonly delayMs: readonly [least: number, most: number]
}

const RULES: Readonly<Record<ShopperProfile, RetryRule>> = {
  everyday: { share: 0.2, most: 1, delayMs: [800, 1_200] },
  // An app whose authors thought that asking again at once, three times, helps.
  impatient: { share: 1, most: 3, delayMs: [20, 120] },
}

/** After how long the client asks again; null when it gives up. `attempt` counts from 1. */
export function retryAfterMs(profile: ShopperProfile, attempt: number, random: Random): number | null {
  const { share, most, delayMs } = RULES[profile]
  if (attempt > most || random() >= share) return null
  return delayMs[0] + random() * (delayMs[1] - delayMs[0])
}
