import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/small-program.ts'
import { createGit } from '../../git.ts'
import { makeRelease, resetMain } from './make-release.ts'
import { makeShopRepository } from './make-repository.ts'

const NOW = Date.UTC(2026, 3, 15, 12)
const git = createGit({ environment: process.env })

async function withRepository(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'shop-'))
  try {
    await use(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A copy of one that was made once: for tests of what comes after it. */
async function withShop(use: (directory: string, head: string) => Promise<void>): Promise<void> {
  await withRepository(async (directory) => {
    await cp(shop.path, directory, { recursive: true })
    await use(directory, shopHead)
  })
}

const shop = temporaryFolder()
let shopHead = ''
beforeAll(async () => {
  shopHead = (await makeShopRepository({ git }, shop.path, { seed: 1n, now: NOW })).head
})
afterAll(() => shop[Symbol.dispose]())

async function words(directory: string, args: readonly string[]): Promise<string> {
  return (await git.run(directory, args)).bytes.toString('utf8').trim()
}

test('the history has some thirty commits of the last weeks, in order, and a tag for each release', async () => {
  await withRepository(async (directory) => {
    const made = await makeShopRepository({ git }, directory, { seed: 7n, now: NOW })
    const times = (await words(directory, ['log', '--reverse', '--format=%ct'])).split('\n').map(Number)
    expect(times.length).toBeGreaterThanOrEqual(30)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThan((NOW - 50 * 86_400_000) / 1000)
    expect(times.at(-1)).toBeLessThan(NOW / 1000)
    expect(made.releases.at(-1)?.commit).toBe(made.head)
    for (const { tag, version, commit } of made.releases) {
      expect(await words(directory, ['rev-parse', tag])).toBe(commit)
      expect(await words(directory, ['show', `${tag}:package.json`])).toContain(`"version": "${version}"`)
    }
    expect(await words(directory, ['status', '--porcelain'])).toBe('')
  })
})

test('the same seed and time give the same commits, another seed gives others', async () => {
  const heads: string[] = []
  for (const seed of [1n, 1n, 2n]) {
    await withRepository(async (directory) => {
      heads.push((await makeShopRepository({ git }, directory, { seed, now: NOW })).head)
    })
  }
  expect(heads[0]).toBe(heads[1])
  expect(heads[2]).not.toBe(heads[0])
})

test('a release without a fault has innocent commits alone, a new version and a tag', async () => {
  await withShop(async (directory, head) => {
    const release = await makeRelease({ git }, directory, { fault: null, seed: 5n, now: NOW })
    expect(release).toMatchObject({ onto: head, version: '1.9.0', culprit: null })
    expect(release.commits.length).toBeGreaterThanOrEqual(6)
    expect(release.commits.length).toBeLessThanOrEqual(13)
    expect(await words(directory, ['rev-parse', 'main', 'v1.9.0^{commit}'])).toBe(
      `${release.head}\n${release.head}`,
    )
    expect(await words(directory, ['rev-list', '--count', `${head}..main`])).toBe(`${release.commits.length}`)
  })
})

test('the next release is made on the commit that it is told, and what was on main before keeps its tag', async () => {
  await withShop(async (directory, head) => {
    const first = await makeRelease({ git }, directory, { fault: null, seed: 5n, now: NOW })
    const second = await makeRelease({ git }, directory, { fault: null, seed: 6n, now: NOW, onto: head })
    expect(second).toMatchObject({ onto: head, version: '1.10.0' })
    expect(await words(directory, ['rev-parse', 'v1.9.0'])).toBe(first.head)
    await resetMain(git, directory, head)
    expect(await words(directory, ['rev-parse', 'HEAD'])).toBe(head)
    expect(await words(directory, ['status', '--porcelain'])).toBe('')
  })
})

test('an unknown fault or commit is refused', async () => {
  await withShop(async (directory) => {
    const order = { seed: 1n, now: NOW }
    await expect(makeRelease({ git }, directory, { ...order, fault: 'no-such' })).rejects.toMatchObject({
      code: 'LAB_NAME_UNKNOWN',
    })
    await expect(
      makeRelease({ git }, directory, { ...order, fault: null, onto: 'no-such' }),
    ).rejects.toMatchObject({ code: 'LAB_NAME_UNKNOWN' })
  })
})

test('the commit of a fault lies among innocent ones, and the same seed makes the same release', async () => {
  const made: unknown[] = []
  for (const seed of [1n, 1n, 2n, 3n]) {
    await withShop(async (directory) => {
      const order = { fault: 'connection-leak', seed, now: NOW }
      const release = await makeRelease({ git }, directory, order)
      const index = release.commits.findIndex(({ sha }) => sha === release.culprit?.sha)
      expect(index).toBeGreaterThanOrEqual(0)
      expect(index).toBeLessThan(release.commits.length - 1) // the last one sets the version
      expect(release.commits.length).toBeGreaterThanOrEqual(7)
      expect(release.commits.length).toBeLessThanOrEqual(14)
      expect(await words(directory, ['log', '-1', '--format=%s', release.culprit?.sha ?? ''])).toBe(
        release.culprit?.subject,
      )
      const times = (
        await words(directory, ['log', '--reverse', '--format=%ct', `${release.onto}..main`])
      ).split('\n')
      expect(times.map(Number)).toEqual(times.map(Number).toSorted((a, b) => a - b))
      expect(Number(times.at(-1))).toBeLessThanOrEqual(NOW / 1000)
      made.push(release)
    })
  }
  expect(made[0]).toEqual(made[1])
  expect(made[2]).not.toEqual(made[0])
})

test('a site can be named, and one that is not there is refused', async () => {
  await withShop(async (directory) => {
    const order = { fault: 'json-misread', seed: 1n, now: NOW }
    const release = await makeRelease({ git }, directory, { ...order, site: 'links' })
    expect(release.culprit?.site).toBe('links')
    await expect(makeRelease({ git }, directory, { ...order, site: 'nowhere' })).rejects.toMatchObject({
      code: 'LAB_NAME_UNKNOWN',
    })
  })
})
