import { availableParallelism } from 'node:os'
import type { LabMetrics, LabSystem } from '../platform/lab-system.ts'

export type Ramp = {
  /** Share of the machine's cores that the lab may use before it is enough. */
  readonly ofCores: number
  readonly p95Ms: number
}

const STEP = 1.4
const STEP_MS = 4_000
/** From 10,000 requests a minute to some 420,000: no machine that the lab is made for carries more. */
const MAX_STEPS = 11

/**
 * Lets more and more shoppers come, until the machine shows that it is enough: so a crowd is of the size that this
 * machine carries, which nobody knows before. Returns requests a second; the figures lag, so it is a little over.
 */
export async function rampUp(system: LabSystem, ramp: Ramp): Promise<number> {
  let rate = system.shoppers.perSecond
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (isEnough(await system.metrics(), ramp)) break
    rate = Math.round(rate * STEP)
    await system.shoppers.setRate(rate)
    await system.sleep(STEP_MS)
  }
  return rate
}

function isEnough({ cpuCores, p95Ms, errorRate }: LabMetrics, ramp: Ramp): boolean {
  return cpuCores > ramp.ofCores * availableParallelism() || p95Ms > ramp.p95Ms || errorRate > 0.02
}
