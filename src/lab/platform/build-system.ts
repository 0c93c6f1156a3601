import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createBalancerControl } from './balancer-control.ts'
import type { BalancerLink } from './balancer-link.ts'
import { createChangeLog } from './change-log.ts'
import type { Fleet } from './fleet.ts'
import { createLabDatabase, databaseUrl } from './lab-database.ts'
import { watchMetrics } from './lab-metrics.ts'
import type { LabSystem } from './lab-system.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { ShopReleasing } from './releases.ts'
import { createFlags, ServiceConfiguration } from './settings.ts'
import { startShop } from './start-shop.ts'
import type { LabParts } from './start-shop.ts'

export type BuiltSystem = {
  readonly lab: LabSystem
  readonly fleet: Fleet
  readonly balancer: BalancerLink
  close(): Promise<void>
}

/** Starts the shop around a filled database, and makes of it what `LabSystem` speaks of. */
export async function buildSystem(parts: LabParts): Promise<BuiltSystem> {
  const { plan, surroundings, directory, registry, releases, database, balancer, signal } = parts
  const changes = createChangeLog(surroundings.now, join(directory.logs, 'changes.jsonl'))
  const flags = await createFlags(directory.flagsFile, changes)
  const shop = await startShop(parts)
  const { fleet } = shop
  const inTurn = oneAtATime()
  const watch = watchMetrics({
    now: surroundings.now,
    balancer,
    felt: () => shop.shoppers.link.figures(),
    processes: () => registry.all(),
    ownPid: surroundings.pid,
    monitorUrl: databaseUrl(database, 'monitor'),
  })
  await firstSecond(balancer)
  const lab: LabSystem = {
    processes: registry,
    releases: new ShopReleasing({
      fleet,
      worktrees: releases.worktrees,
      balancer,
      changes,
      repository: directory.repository,
      inTurn,
      current: releases.current,
      previous: releases.previous,
      dependencies: releases.dependencies,
    }),
    configuration: new ServiceConfiguration({ ...shop, changes, inTurn }),
    flags,
    database: createLabDatabase(database),
    wires: { payment: shop.wires.payment.wire, mail: shop.wires.mail.wire },
    certificates: { payment: shop.certificate },
    balancer: createBalancerControl({ plan, balancer, fleet, changes }),
    shoppers: shop.shoppers.shoppers,
    changes,
    directories: {
      state: directory.root,
      repository: directory.repository,
      logs: directory.logs,
      scratch: directory.scratch,
    },
    metrics: async () => watch.metrics(),
    now: surroundings.now,
    sleep: (ms) => pause(ms, undefined, { signal }),
    signal,
  }
  return { lab, fleet, balancer, close: () => watch.stop() }
}

/** Healthy is what has answered its first shoppers. */
async function firstSecond(balancer: BalancerLink): Promise<void> {
  for (let waitedMs = 0; waitedMs < FIRST_SECOND_MS; waitedMs += POLL_MS) {
    if (balancer.figures().requests > 0) return
    await pause(POLL_MS)
  }
}

const FIRST_SECOND_MS = 3_000
const POLL_MS = 50
