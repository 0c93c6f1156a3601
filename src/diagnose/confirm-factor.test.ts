import fc from 'fast-check'
import { expect, test } from 'vitest'
import { confirmFirstFactor } from './confirm-factor.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Factor } from './factor.ts'

const factor = (rank: number, confidence: number): Factor => ({
  rank,
  cause: 'bad-release',
  confidence,
  summary: '',
  service: null,
  resource: null,
  commit: { sha: 'a'.repeat(40), subject: 'Tidy up', committedAt: 0 },
  location: null,
  chain: ['', '', '', ''],
  findings: [],
  immediateFix: [],
  permanentFix: [],
  verify: [],
  prevention: [],
})

const diagnosis = (...confidences: readonly number[]): Diagnosis => ({
  factors: confidences.map((confidence, index) => factor(index + 1, confidence)),
  inconclusive: true,
  nextSteps: [],
  candidates: [],
  range: null,
  explanations: [],
  fixes: [],
  problems: [],
})

const proven = { before: { requests: 200, failed: 134 }, after: { requests: 202, failed: 0 }, at: 7 }

test('a proven fix makes its factor nearly certain and ends the doubt', () => {
  const { factors, inconclusive } = confirmFirstFactor(diagnosis(0.43, 0.42), proven)
  expect(factors[0]?.confidence).toBeCloseTo(0.902, 3)
  expect(factors[1]?.confidence).toBeCloseTo(0.072, 3)
  expect(inconclusive).toBe(false)
  expect(factors[0]?.findings[0]).toMatchObject({
    kind: 'fix-proven',
    supports: true,
    summary:
      'With what commit aaaaaaaaaa did taken back, 0 of 202 requests failed, against 134 of 200 before.',
  })
})

test('confidences stay shares, in the order they had', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(share, share, (a, b) => {
      const [first, second] = [Math.max(a, b * (1 - a)), b * (1 - a)].map((one) => Math.min(one, 1))
      const after = confirmFirstFactor(diagnosis(first ?? 0, second ?? 0), proven).factors
      expect(after[0]?.confidence).toBeGreaterThanOrEqual(first ?? 0)
      expect(after[0]?.confidence).toBeLessThanOrEqual(1)
      expect(after[1]?.confidence).toBeLessThanOrEqual((second ?? 0) + 1e-12)
    }),
  )
})

test('where nothing was named there is nothing to confirm', () => {
  expect(confirmFirstFactor(diagnosis(), proven).factors).toEqual([])
})
