import { expect, test } from 'vitest'
import type { Diagnosis } from '../diagnose/index.ts'
import { redactDiagnosis } from './redact-diagnosis.ts'

const SECRET = 'hunter2-hunter2'
const LINE = `DATABASE_URL = "postgresql://shop:${SECRET}@db.example.com/shop"`

const diagnosis: Diagnosis = {
  factors: [],
  inconclusive: false,
  nextSteps: [],
  candidates: [
    {
      sha: 'a'.repeat(40),
      subject: `Set ${LINE}`,
      committedAt: 0,
      score: 1,
      probability: 1,
      reasons: [],
      hunks: [{ file: 'a.py', oldStart: 1, newStart: 1, lines: [`+${LINE}`] }],
    },
  ],
  range: null,
  explanations: [
    {
      file: 'a.py',
      line: 1,
      language: 'Python',
      function: null,
      functionRange: null,
      raises: false,
      guard: null,
      handling: null,
      handlerLine: null,
      snippet: [{ line: 1, text: LINE }],
    },
  ],
  fixes: [
    {
      kind: 'remove-cause',
      title: 't',
      description: 'd',
      file: 'a.py',
      language: 'Python',
      code: LINE,
      patch: `+${LINE}\n`,
    },
  ],
  problems: [],
}

test('secrets in source, diffs and fixes do not reach the review', () => {
  const shown = JSON.stringify(redactDiagnosis(diagnosis))
  expect(shown).not.toContain(SECRET)
  expect(shown).toContain('db.example.com')
})
