import type { EpochMs } from '../../time.ts'
import type { Git } from '../../git.ts'
import type { Seed } from '../faults/chance.ts'

/** How the lab is to be. */
export type LabPlan = {
  readonly directory: string
  /** Where the shop and the APIs listen. */
  readonly host: string
  /** The shop's; the control API is at + 10, the operator's at + 11. */
  readonly port: number
  readonly perSecond: number
  readonly instances: number
  /** Where the shop's programs send their telemetry; null: it is off. */
  readonly otlpEndpoint: string | null
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
