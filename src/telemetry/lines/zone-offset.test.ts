import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createZone } from './zone-offset.ts'

describe('createZone', () => {
  test.each([
    ['UTC', '2026-03-03T09:00:00Z', '2026-03-03T09:00:00Z'],
    ['Europe/Berlin', '2026-03-03T09:00:00Z', '2026-03-03T08:00:00Z'],
    ['Europe/Berlin', '2026-07-03T09:00:00Z', '2026-07-03T07:00:00Z'],
    ['Asia/Kolkata', '2026-07-03T09:00:00Z', '2026-07-03T03:30:00Z'],
    ['America/New_York', '2026-11-20T10:00:00Z', '2026-11-20T15:00:00Z'],
    ['+02:00', '2026-11-20T10:00:00Z', '2026-11-20T08:00:00Z'],
    // The hour that is there twice is the first one; the one that is not there moves on.
    ['Europe/Berlin', '2026-10-25T02:30:00Z', '2026-10-25T00:30:00Z'],
    ['Europe/Berlin', '2026-03-29T02:30:00Z', '2026-03-29T01:30:00Z'],
    ['Australia/Lord_Howe', '2026-04-05T01:45:00Z', '2026-04-04T14:45:00Z'],
  ])('%s reads the wall clock %s as %s', (zone, local, utc) => {
    expect(new Date(createZone(zone).toUtc(Date.parse(local)))).toEqual(new Date(utc))
  })

  test('a moment comes back from its own wall clock, but for the hour that is there twice', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Pacific/Auckland', 'America/St_Johns']
    const moment = fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2035, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...zones), moment, (name, at) => {
        const zone = createZone(name)
        const back = zone.toUtc(at + zone.offsetAt(at))
        expect([0, -1_800_000, -3_600_000]).toContain(back - at)
      }),
      { numRuns: 300 },
    )
  })

  test('an unknown zone is refused with what was expected', () => {
    expect(() => createZone('Mars/Olympus')).toThrow(/expected a time zone, found "Mars\/Olympus"/)
  })
})
