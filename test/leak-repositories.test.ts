import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findChangeRange, rankCommits, type CommitCandidate } from '../src/diagnose/index.ts'
import { createGit } from '../src/git.ts'
import type { Language } from './generated/model.ts'
import { leakLanguages, makeLeakRepository, type LeakRepository } from './leak-repositories.ts'

const git = createGit({ environment: process.env })
const SEEDS = [101, 102, 103, 104, 105]

async function rank(made: LeakRepository): Promise<CommitCandidate[]> {
  const { repository, deployedAt: at, bad, good, exception, onsetAt } = made
  const deploys = [{ at, service: null, version: null, commit: bad, previousCommit: good }]
  const range = await findChangeRange({ git }, { repository, deploys, onsetAt })
  if (range === null) throw new Error('expected a range')
  const exceptions = [{ chain: [exception], count: 20, isNew: true }]
  const symptoms = { exceptions, messages: [], findingKinds: ['pool-timed-out' as const], onsetAt }
  return rankCommits({ git }, { repository, range, symptoms })
}

test.each(leakLanguages)(
  'finds most leaks in $name, buried among commits that touch the trace',
  async (language: Language) => {
    const folder = mkdtempSync(join(tmpdir(), 'leaks-'))
    try {
      let first = 0
      for (const seed of SEEDS) {
        const made = makeLeakRepository(join(folder, String(seed)), language, seed)
        expect(made.commits).toBeGreaterThanOrEqual(5)
        expect(made.culprit).not.toBe(made.bad)
        const [top] = await rank(made)
        if (top?.sha !== made.culprit) continue
        first++
        expect(top.reasons[0]?.kind).toBe('commit-stopped-releasing')
        expect(top.hunks.length).toBeGreaterThan(0)
      }
      expect(first / SEEDS.length).toBeGreaterThanOrEqual(0.8)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

test('a commit that changes the pool time-out stays below the leak, and is explained', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leak-'))
  try {
    const [language] = leakLanguages
    if (language === undefined) throw new Error('expected a language')
    const ranked = await rank(makeLeakRepository(folder, language, 101))
    const decoy = ranked.find(({ subject }) => subject === 'Give up sooner when the pool is busy')
    expect(decoy?.reasons.map(({ kind }) => kind)).toContain('commit-changed-limit')
    expect(decoy?.probability).toBeLessThan(0.2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the same language and seed make the same commits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'same-'))
  try {
    for (const language of leakLanguages) {
      const [one, two] = ['a', 'b'].map((name) =>
        makeLeakRepository(join(folder, `${language.name}-${name}`), language, 7),
      )
      expect(one?.bad).toBe(two?.bad)
      expect(one?.log).toBe(two?.log)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
