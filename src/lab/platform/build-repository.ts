import { mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { parseSeed } from '../faults/chance.ts'
import type { LabPlan, LabSurroundings } from './lab-plan.ts'
import type { Release } from './lab-system.ts'
import { makeShopRepository } from './make-repository.ts'
import type { StateDirectory } from './state-directory.ts'
import { openWorktrees } from './worktrees.ts'
import type { Worktrees } from './worktrees.ts'

export type ShopReleases = {
  readonly worktrees: Worktrees
  /** What the application runs. */
  readonly current: Release
  /** What it ran before. */
  readonly previous: Release | null
  /** What payment and mail run: they are released less often. */
  readonly dependencies: Release
}

/** The shop's repository as new, with its newest release and its first one checked out. */
export async function buildRepository(
  { git, now }: LabSurroundings,
  directory: StateDirectory,
  plan: LabPlan,
): Promise<ShopReleases> {
  const { repository, worktrees: folder } = directory
  await rm(repository, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const made = await makeShopRepository({ git }, repository, { seed: parseSeed(plan.seed), now: now() })
  const worktrees = await openWorktrees({ git, repository, folder }, nodeModules())
  const first = made.releases[0]?.commit ?? made.head
  const before = made.releases.findLast(({ commit }) => commit !== made.head)
  return {
    worktrees,
    dependencies: await worktrees.checkOut(first),
    current: await worktrees.checkOut(made.head),
    previous: before === undefined ? null : { commit: before.commit, version: before.tag },
  }
}

/** Where our own dependencies are: the shop's programs use the same. */
function nodeModules(): string {
  const entry = createRequire(import.meta.url).resolve('fastify')
  return entry.slice(0, entry.lastIndexOf('/node_modules/') + '/node_modules'.length)
}
