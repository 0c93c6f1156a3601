import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

test('there is never more in flight than there is room, and all of it is given back', () => {
  const visit = fc.record({
    announced: fc.nat(120),
    chunks: fc.array(fc.nat(60), { maxLength: 5 }),
    staysOn: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(visit), (visits) => {
      const admission = createAdmission({ maxBytes: 100 })
      const staying = visits.map(({ announced, chunks, staysOn }) => {
        const ticket = admission.enter(announced)
        for (const bytes of chunks) {
          const before = admission.inFlight()
          const isTaken = ticket?.grow(bytes) ?? false
          expect(admission.inFlight()).toBe(isTaken ? before + bytes : before)
        }
        expect(admission.inFlight()).toBeLessThanOrEqual(100)
        if (!staysOn) ticket?.leave()
        return ticket
      })
      for (const ticket of staying) ticket?.leave() // a second time changes nothing
      expect(admission.inFlight()).toBe(0)
    }),
  )
})

test('what is announced has to fit, and takes no room', () => {
  const admission = createAdmission({ maxBytes: 100 })
  expect(admission.enter(101)).toBe(null)
  expect(admission.enter(100)).not.toBe(null)
  expect(admission.enter(100)).not.toBe(null)
  expect(admission.inFlight()).toBe(0)
})
