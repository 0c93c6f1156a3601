import type { EpochMs } from '../../time.ts'
import type { Git } from '../../git.ts'
import type { Seed } from '../faults/chance.ts'
import type { ShopperProfile } from '../load/shoppers-protocol.ts'

/** How the lab is to be. */
export type LabPlan = {
  readonly directory: string
  /** Where the shop listens. */
  readonly host: string
  /** Where the two APIs listen: their tokens travel in clear, so that loopback is the rule. */
  readonly apiHost: string
  /** The shop's; the control API is at + 10, the operator's at + 11. */
  readonly port: number
  readonly perSecond: number
  /** What clients do about a failed request. */
  readonly clients: ShopperProfile
  readonly instances: number
  /** Where the shop's programs send their telemetry; null: it is off. */
  readonly otlpEndpoint: string | null
  /** How often they send it; null: at the defaults of OpenTelemetry's SDKs. */
  readonly otlpIntervalMs: number | null
  /** 64 bits, as text: the same seed makes the same history and the same shoppers. */
  readonly seed: string
}

/** What the supervisor needs of the process that it runs in. */
export type LabSurroundings = {
  readonly now: () => EpochMs
  readonly pid: number
  readonly isRoot: boolean
  readonly git: Git
  /** Sixty-four new random bits. */
  readonly drawSeed: () => Seed
  readonly onProgress: (text: string) => void
}

export function controlPort({ port }: LabPlan): number {
  return port + 10
}

export function operatorPort({ port }: LabPlan): number {
  return port + 11
}

/** Shoppers draw from 32 bits. */
export function shopperSeed(seed: Seed): number {
  return Number(seed & 0xffff_ffffn)
}

/** How this machine reaches what listens at `host`: every address is also loopback. */
export function reachedAt(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
