import { releaseFault } from './release-fault.ts'
import type { MakeRelease } from './release-fault.ts'
import type { Fault } from './fault.ts'
import { anyRouteFails, logged, routeFails } from './signs.ts'
export function corruptTotals(makeRelease: MakeRelease): Fault {
  return releaseFault(makeRelease, {
    name: 'corrupt-totals',
    summary: 'A swallowed error makes totals wrong',
    mechanism: 'New code catches an error, says nothing, and goes on with a wrong amount',
    symptoms: ['checkouts fail where two amounts are held against each other', 'users complain about sums'],
    causes: ['bad-release', 'unhandled-input'],
    chain: [
      'new code swallows an error and computes with a wrong amount',
      'totals are wrong, checkouts are refused',
    ],
    signs: [routeFails(/checkout/, 0.05), anyRouteFails(0.05), logged(/mismatch|total|amount/i)],
  })
}
