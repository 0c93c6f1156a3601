import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import { readCommitPatch } from './commit-patch.ts'
import type { CommitPatch, FileTree } from './commit-patch.ts'

/** What the shop's history and its releases are made from: the folder `shop/` of this package. */
export type ShopSources = {
  /** Files of the first commit. */
  readonly base: FileTree
  /** The commits after it, oldest first. */
  readonly history: readonly CommitPatch[]
  /** Tags by the name of the patch that they stand on. */
  readonly tags: ReadonlyMap<string, string>
  /** Changes that work, in no order. */
  readonly innocent: readonly CommitPatch[]
  /** Sites by fault: the same mistake at different places. */
  readonly faults: ReadonlyMap<string, readonly CommitPatch[]>
}

/** Beside `src/` and `dist/` alike. */
const SHOP = fileURLToPath(new URL('../../../shop', import.meta.url))

export async function readShopSources(directory = SHOP): Promise<ShopSources> {
  const [base, history, innocent, tags, faults] = await Promise.all([
    readTree(join(directory, 'base')),
    readPatches(join(directory, 'history')),
    readPatches(join(directory, 'innocent')),
    readTags(join(directory, 'history', 'tags')),
    readFaults(join(directory, 'faults')),
  ])
  return { base, history, tags, innocent, faults }
}

async function readTree(directory: string): Promise<FileTree> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(missing(directory))
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = await Promise.all(
    paths.map(async (path): Promise<[string, string]> => {
      const name = path
        .slice(directory.length + 1)
        .split(sep)
        .join('/')
      return [name, await readFile(path, 'utf8')]
    }),
  )
  return new Map(files.toSorted(byName))
}

async function readPatches(directory: string): Promise<readonly CommitPatch[]> {
  const files = await readTree(directory)
  return [...files]
    .filter(([path]) => path.endsWith('.patch'))
    .map(([path, text]) => readCommitPatch(path.slice(0, -'.patch'.length), text))
}

async function readFaults(directory: string): Promise<ReadonlyMap<string, readonly CommitPatch[]>> {
  const sites = new Map<string, CommitPatch[]>()
  for (const patch of await readPatches(directory)) {
    const [fault = '', site = ''] = patch.name.split('/')
    sites.set(fault, [...(sites.get(fault) ?? []), { ...patch, name: site }])
  }
  return sites
}

/** Lines of `<tag> <patch>`. */
async function readTags(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(file, 'utf8').catch(missing(file))
  const lines = text.split('\n').filter(Boolean)
  return new Map(
    lines.map((line): [string, string] => {
      const [tag = '', patch = ''] = line.split(' ')
      return [patch.replace(/\.patch$/, ''), tag]
    }),
  )
}

function missing(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new AppError('LAB_FAILED', `expected the sources of the shop at ${path}, found none`, {
      hint: 'install Firebreak again: the folder shop/ belongs to it',
      cause,
    })
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
