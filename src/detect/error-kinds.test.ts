import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createErrorKinds } from './error-kinds.ts'
import type { ErrorKinds } from './error-kinds.ts'

const NOW = Date.UTC(2026, 2, 3)

function noted(kinds: ErrorKinds, template: string, isException = false): string | undefined {
  const fingerprint = { id: template, template, isException }
  return kinds.note({ service: 'shop', fingerprint, at: NOW, now: NOW })?.template
}

const differing = (one: string, other: string): number => {
  const [words, others] = [one.split(' '), other.split(' ')]
  return words.length === others.length ? words.filter((word, at) => word !== others[at]).length : Infinity
}

test('a text that differs in a single word from a known one is taken for it, and no other is, also after a restart', () => {
  const text = fc
    .array(fc.constantFrom('cart', 'lost', 'twice'), { minLength: 3, maxLength: 6 })
    .map((words) => words.join(' '))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 40 }), fc.nat({ max: 40 }), (texts, restartAt) => {
      let kinds = createErrorKinds(0)
      const known: string[] = []
      for (const [index, told] of texts.entries()) {
        if (index === restartAt) {
          const kept: unknown = JSON.parse(JSON.stringify(kinds.snapshot()))
          kinds = createErrorKinds(0)
          kinds.restore(kept)
        }
        const near = known.filter((one) => differing(one, told) <= (told.split(' ').length < 4 ? 0 : 1))
        const kind = noted(kinds, told)
        expect(near.length > 0 ? near : [told]).toContain(kind)
        if (near.length === 0) known.push(told)
      }
      expect(kinds.figures()).toEqual({ fingerprints: known.length, fingerprintsRefused: 0 })
    }),
  )
})

test('an exception is no variant of another one, nor of a text', () => {
  const kinds = createErrorKinds(0)
  expect(noted(kinds, 'cannot find cart seventeen')).toBe('cannot find cart seventeen')
  expect(noted(kinds, 'cannot find cart eighteen', true)).toBe('cannot find cart eighteen')
  expect(noted(kinds, 'cannot find cart nineteen', true)).toBe('cannot find cart nineteen')
  expect(noted(kinds, 'cannot find cart twenty')).toBe('cannot find cart seventeen')
})
