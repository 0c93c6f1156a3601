import type { RouteCount } from '../load/shoppers-protocol.ts'

/** What the balancer is told: always the whole of it. */
export type BalancerSettings = {
  readonly backends: readonly BackendSettings[]
  readonly maintenance: boolean
  /** So much of the requests (0–1) goes to this instance, whatever its weight. */
  readonly canary: { readonly name: string; readonly share: number } | null
}

export type BackendSettings = {
  readonly name: string
  readonly port: number
  /** 0: no new requests, which is what draining is; those under way end. */
  readonly weight: number
}

export type BalancerReport =
  | { readonly kind: 'ready' }
  | BalancerSecond
  /** Sent whenever it changes, and with every second. */
  | { readonly kind: 'backends'; readonly backends: readonly BackendState[] }

export type BackendState = { readonly name: string; readonly isHealthy: boolean; readonly inFlight: number }

/** What ended within one second; `failed` are 5xx and requests whose client left without an answer. */
export type BalancerSecond = {
  readonly kind: 'second'
  readonly at: number
  readonly inFlight: number
  readonly routes: Readonly<Record<string, RouteCount>>
}
