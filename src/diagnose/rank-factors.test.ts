import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { causeIds } from '../contract/causes.ts'
import { type Finding, type FindingKind, findingKinds } from './finding.ts'
import { rankFactors } from './rank-factors.ts'
import { weights } from './weights.ts'

function finding(kind: FindingKind, strength = 1): Finding {
  return { kind, strength, summary: kind, observedAt: null, source: 'test', subject: {}, evidence: null }
}

const anyFinding = fc
  .tuple(fc.constantFrom(...findingKinds), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([kind, strength]) => finding(kind, strength))

describe('rankFactors', () => {
  test('names nothing when nothing was found', () => {
    expect(rankFactors([])).toEqual([])
  })

  test('is worked out as the documentation says: an expired certificate alone gives 0.95', () => {
    const [first] = rankFactors([finding('certificate-expired-error')])
    expect(first?.cause).toBe('certificate-expired')
    expect(first?.score).toBeCloseTo(3.8)
    expect(first?.confidence).toBeCloseTo(0.95, 2)
  })

  test('gives two equal causes less than half each', () => {
    const ranked = rankFactors([finding('certificate-expired-error'), finding('no-space-error')])
    expect(ranked.slice(0, 2).map(({ confidence }) => Math.round(confidence * 100))).toEqual([48, 48])
  })

  test('leaves room for what it does not know, whatever was found', () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 30 }), (findings) => {
        const ranked = rankFactors(findings)
        const sum = ranked.reduce((total, { confidence }) => total + confidence, 0)
        expect(sum).toBeLessThanOrEqual(0.9701)
        expect(ranked.map(({ score }) => score)).toEqual(
          ranked.map(({ score }) => score).toSorted((a, b) => b - a),
        )
      }),
    )
  })

  test('counts the same finding once, however often it was made', () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { minLength: 1, maxLength: 10 }), (findings) => {
        const once = rankFactors(findings).map(({ cause, score }) => [cause, score.toFixed(9)])
        const thrice = rankFactors([...findings, ...findings, ...findings]).map(({ cause, score }) => [
          cause,
          score.toFixed(9),
        ])
        expect(thrice).toEqual(once)
      }),
    )
  })

  test('does not depend on the order of findings', () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 12 }), (findings) => {
        const scores = (all: readonly Finding[]) =>
          new Map(rankFactors(all).map(({ cause, score }) => [cause, score.toFixed(6)]))
        expect(scores(findings.toReversed())).toEqual(scores(findings))
      }),
    )
  })

  test.each(causeIds)('%s is never named without what it needs', (cause) => {
    const needed = new Set(weights[cause].needs[0])
    const others = findingKinds.filter((kind) => !needed.has(kind)).map((kind) => finding(kind))
    expect(rankFactors(others).map((one) => one.cause)).not.toContain(cause)
  })
})
