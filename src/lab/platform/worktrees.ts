import { existsSync } from 'node:fs'
import { readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { resolveCommit } from '../../git.ts'
import type { Git } from '../../git.ts'
import type { Release } from './lab-system.ts'

export type Worktrees = {
  /** Where a commit's files are; checks them out the first time. Throws `LAB_NAME_UNKNOWN`. */
  checkOut(commit: string): Promise<Release>
  folderOf(release: Release): string
  /** Removes those that no instance runs from, but the newest few. */
  prune(used: ReadonlySet<string>): Promise<void>
}

type WorktreeDeps = { readonly git: Git; readonly repository: string; readonly folder: string }

const KEPT = 6

/** One folder for each commit that was deployed; dependencies are found in the folder above, by Node's own rule. */
export async function openWorktrees(deps: WorktreeDeps, nodeModules: string): Promise<Worktrees> {
  const { git, repository, folder } = deps
  const link = join(folder, 'node_modules')
  await rm(link, { recursive: true, force: true })
  await symlink(nodeModules, link, 'dir')
  await git.run(repository, ['worktree', 'prune'])
  const order: string[] = []

  return {
    async checkOut(name) {
      const commit = await resolveCommit(git, repository, name)
      if (commit === null) {
        throw new AppError('LAB_NAME_UNKNOWN', `expected a commit of the shop, found "${name}"`, {
          hint: `git -C ${repository} log --oneline lists them`,
        })
      }
      const at = join(folder, commit)
      if (!existsSync(join(at, 'app', 'server.js'))) {
        await rm(at, { recursive: true, force: true })
        await git.run(repository, ['worktree', 'add', '--force', '--detach', at, commit])
      }
      order.push(commit)
      const described = await git.run(repository, ['describe', '--tags', '--always', commit])
      return { commit, version: described.bytes.toString('utf8').trim() }
    },
    folderOf: ({ commit }) => join(folder, commit),
    async prune(used) {
      const kept = new Set([...used, ...order.slice(-KEPT)])
      for (const name of await readdir(folder)) {
        if (name === 'node_modules' || kept.has(name)) continue
        await rm(join(folder, name), { recursive: true, force: true })
      }
      await git.run(repository, ['worktree', 'prune'])
    },
  }
}
