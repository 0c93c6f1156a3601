import { stripTypeScriptTypes } from 'node:module'
import { expect, test } from 'vitest'
import { createChance } from '../faults/chance.ts'
import { applyCommitPatch } from './commit-patch.ts'
import type { CommitPatch, FileTree } from './commit-patch.ts'
import { statesOf } from './make-repository.ts'
import { readShopSources } from './shop-sources.ts'

const sources = await readShopSources()
const states = statesOf(sources)
const head = states.at(-1)?.files ?? new Map()
const sites = [...sources.faults].flatMap(([fault, patches]) => patches.map((patch) => ({ fault, patch })))

/** Refuses text that is no module; the language knows it, with or without types. */
function parses(files: FileTree, before: FileTree): void {
  for (const [path, text] of files) {
    if (before.get(path) === text) continue
    if (path.endsWith('.js')) stripTypeScriptTypes(text)
    if (path.endsWith('.json')) JSON.parse(text)
  }
}

function applied(files: FileTree, patch: CommitPatch): FileTree {
  const after = applyCommitPatch(files, patch)
  if (after === null) throw new Error(`${patch.name} does not fit`)
  return after
}

/** Modules of the shop that a file imports and that are not there. */
function missingModules(files: FileTree): readonly string[] {
  return [...files]
    .filter(([path]) => path.endsWith('.js'))
    .flatMap(([path, text]) =>
      [...text.matchAll(/from '(\.{1,2}\/[^']+)'/g)].map(([, to = '']) => ({ path, to })),
    )
    .map(({ path, to }) => new URL(to, `file:///${path}`).pathname.slice(1))
    .filter((path) => !files.has(path))
}

test('every commit of the history parses, and imports what is there', () => {
  expect(states.length).toBeGreaterThanOrEqual(30)
  let before: FileTree = new Map()
  for (const { files } of states) {
    parses(files, before)
    expect(missingModules(files)).toEqual([])
    before = files
  }
})

test('tables and data are those of the first release: later ones run on them, too', () => {
  for (const path of ['db/schema.sql', 'db/seed.sql']) expect(head.get(path)).toBe(sources.base.get(path))
})

test('every fault has at least three sites', () => {
  expect(sources.faults.size).toBeGreaterThanOrEqual(11)
  for (const patches of sources.faults.values()) {
    expect(patches.length).toBeGreaterThanOrEqual(3)
    expect(new Set(patches.map((patch) => patch.subject)).size).toBe(patches.length)
  }
})

test.each(sites)('$fault at $patch.name fits the head and parses', ({ patch }) => {
  const after = applied(head, patch)
  parses(after, head)
  expect(missingModules(after)).toEqual([])
})

test('innocent changes fit the head and parse, and there are enough of them', () => {
  expect(sources.innocent.length).toBeGreaterThanOrEqual(25)
  for (const patch of sources.innocent) parses(applied(head, patch), head)
})

test('innocent changes apply in any order, and a fault at any place among them', () => {
  const chance = createChance(42n)
  for (const { patch } of sites) {
    const order = chance.shuffle(sources.innocent)
    const place = chance.whole(0, order.length)
    const sequence = [...order.slice(0, place), patch, ...order.slice(place)]
    const after = sequence.reduce(applied, head)
    parses(after, head)
    expect(missingModules(after)).toEqual([])
  }
})

test('no commit says that it is one of ours: neither fault nor drill is named in what a responder can read', () => {
  const words = [...sources.faults.keys()].join('|')
  const telling = new RegExp(`${words}|\\bfault\\b|\\bdrill\\b|firebreak|\\blab\\b|\\binject`, 'i')
  for (const { patch } of sites) {
    expect(`${patch.subject}\n${patch.body}\n${patch.diff}`).not.toMatch(telling)
  }
  for (const { files } of states) {
    for (const text of files.values()) expect(text).not.toMatch(telling)
  }
})
