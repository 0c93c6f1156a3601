import { describe, expect, test } from 'vitest'
import { causeIds } from '../../contract/causes.ts'
import { findingKinds } from '../finding.ts'
import { groups, weights } from '../weights.ts'
import { catalogue } from './catalogue.ts'
import type { Cause, CauseContext } from './cause.ts'
import { fillIn } from './cause.ts'

const nothingKnown: CauseContext = {
  findings: [],
  commit: null,
  location: null,
  resource: null,
  exception: null,
  impact: '3 of 10 requests to GET / failed (30.0 %)',
}
const allKnown: CauseContext = {
  ...nothingKnown,
  commit: { sha: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d', subject: 'Tidy up' },
  location: { file: 'app/db.py', line: 12, function: 'load' },
  resource: 'db:5432',
  exception: { type: 'ValueError', message: 'no such thing' },
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

function section(cause: Cause): string {
  const looks = cause.investigation.map(({ what, command }) =>
    command === null ? what : `${what}: \`${command}\``,
  )
  return [
    `## ${cause.title}`,
    `\`${cause.id}\``,
    `**Symptoms**\n\n${list(cause.symptoms)}`,
    `**Investigation**\n\n${list(looks)}`,
    `**Immediate fix**\n\n${list(cause.immediateFix)}`,
    `**Permanent fix**\n\n${list(cause.permanentFix)}`,
    `**Verify**\n\n${list(cause.verify)}`,
    `**Prevention**\n\n${list(cause.prevention)}`,
  ].join('\n\n')
}

const HEAD = `# Causes

What a diagnosis can name. In the texts \`{commit}\`, \`{place}\` and \`{resource}\` stand for what is known of the incident
at hand. This page is written from \`src/diagnose/causes/\`; \`npx vitest run --project unit src/diagnose/causes --update\` renews it.
How findings become causes: [diagnosis.md](diagnosis.md).`

describe('the catalogue', () => {
  test('is what docs/causes.md says', async () => {
    const page = [HEAD, ...causeIds.map((id) => section(catalogue[id]))].join('\n\n')
    await expect(`${page}\n`).toMatchFileSnapshot('../../../docs/causes.md')
  })

  test.each(causeIds)('%s is complete, and speaks of the incident at hand', (id) => {
    const cause = catalogue[id]
    expect(cause.id).toBe(id)
    for (const texts of [
      cause.symptoms,
      cause.investigation,
      cause.immediateFix,
      cause.permanentFix,
      cause.verify,
      cause.prevention,
    ]) {
      expect(texts.length).toBeGreaterThan(0)
    }
    for (const context of [nothingKnown, allKnown]) {
      const words = [
        ...cause.chain(context),
        cause.summary(context),
        ...cause.immediateFix.map((text) => fillIn(text, context)),
      ]
      expect(
        words.filter(
          (text) => text.trim() === '' || /undefined|null\b|\{(?:commit|place|resource)\}/.test(text),
        ),
      ).toEqual([])
    }
    expect(cause.chain(allKnown).at(-1)).toBe(allKnown.impact)
  })
})

describe('the table of weights', () => {
  test('has a use for every kind of finding', () => {
    const used = new Set(Object.values(weights).flatMap(({ given }) => Object.keys(given)))
    expect(findingKinds.filter((kind) => !used.has(kind) && !shownOnly.has(kind))).toEqual([])
  })

  test('puts a kind in one group at most', () => {
    const all = groups.flat()
    expect(all.length).toBe(new Set(all).size)
  })

  test.each(causeIds)('%s can be named by what it needs, and by nothing less', (id) => {
    const { needs, given, prior } = weights[id]
    expect(prior).toBeLessThan(0)
    expect(needs.flat().some((kind) => (given[kind] ?? 0) > 2)).toBe(true)
  })
})

/** Findings for the reader; what they mean is in others. */
const shownOnly = new Set(['fix-proven', 'no-failed-requests', 'error-swallowed'])
