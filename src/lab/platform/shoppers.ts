import type { ChildProcess as NodeChild } from 'node:child_process'
import { join } from 'node:path'
import { createShoppersLink } from '../load/shoppers-link.ts'
import type { ShoppersLink } from '../load/shoppers-link.ts'
import { EVERYDAY_TIMEOUT_MS } from '../load/shoppers-protocol.ts'
import type { ShopperProfile } from '../load/shoppers-protocol.ts'
import type { Shoppers } from './lab-system.ts'
import { ownProgram } from './own-program.ts'
import type { ProcessSpec } from './process-spec.ts'

export type ShoppersPlan = {
  readonly target: string
  readonly perSecond: number
  readonly profile: ShopperProfile
  readonly seed: number
  readonly logs: string
}

export type ShoppersControl = {
  readonly shoppers: Shoppers
  readonly spec: ProcessSpec
  readonly link: ShoppersLink
}

/** The shoppers' process, and what it is told; a new one is told all of it again. */
export function createShoppers(plan: ShoppersPlan): ShoppersControl {
  let child: NodeChild | null = null
  let isReady = false
  let { perSecond, profile } = plan
  let hammered: { readonly path: string; readonly perSecond: number } | null = null

  const link = createShoppersLink({
    write: (line) => void child?.stdin?.write(line),
    onReport(report) {
      if (report.kind !== 'ready') return
      isReady = true
      link.start({
        target: plan.target,
        perSecond,
        seed: plan.seed,
        profile,
        timeoutMs: EVERYDAY_TIMEOUT_MS,
        reportsFile: join(plan.logs, 'user-reports.jsonl'),
        reportsUrl: null,
      })
      if (hammered !== null) link.hammer(hammered.path, hammered.perSecond)
    },
  })

  return {
    link,
    spec: {
      name: 'shoppers',
      channel: 'pipes',
      launch: () => ({ ...ownProgram('load', 'shoppers-main'), cwd: '/', env: { TZ: 'UTC' } }),
      onStart(started) {
        child = started
        isReady = false
        started.stdin?.on('error', () => {}) // it has ended, and is started again
        started.stdout?.on('data', (chunk: Buffer) => link.read(chunk))
      },
      isReady: async () => isReady,
      readyWithinMs: 10_000,
      stopSignals: [['SIGTERM', 500]],
    },
    shoppers: {
      get perSecond() {
        return perSecond
      },
      get profile() {
        return profile
      },
      async setRate(next) {
        perSecond = next
        link.setRate(next)
      },
      async setProfile(next) {
        profile = next
        link.setProfile(next)
      },
      async hammer(path, rate) {
        hammered = rate > 0 ? { path, perSecond: rate } : null
        link.hammer(path, rate)
      },
    },
  }
}
