import { expect, test } from 'vitest'
import type { IncidentJson } from '../contract/incident-json.ts'
import { summaryLines } from './present.ts'

const nothing = { requests: 0, failed: 0, errorRate: 0, routes: [] }

/** Only what the summary reads. */
function incidentWith(parts: object): IncidentJson {
  return {
    incidentFound: false,
    inconclusive: false,
    factors: [],
    nextSteps: [],
    proof: null,
    proofNote: null,
    ...parts,
  } as unknown as IncidentJson
}

test('where nothing failed, the requests that were seen are counted', () => {
  const healthyRoutes = [
    { route: 'GET /', requests: 2000, failed: 0 },
    { route: 'GET /health', requests: 406, failed: 0 },
  ]
  const lines = summaryLines(incidentWith({ impact: { ...nothing, healthyRoutes } }), '/out', [])
  expect(lines.join('\n')).toContain('none of 2406 requests failed')
  const unseen = summaryLines(incidentWith({ impact: { ...nothing, healthyRoutes: [] } }), '/out', [])
  expect(unseen.join('\n')).toContain('no requests were seen')
})

test('a fix with which the program does not start is said to be none', () => {
  const proof = {
    patch: 'fix.patch',
    before: { requests: 90, failed: 90 },
    after: { requests: 0, failed: 0 },
    proven: false,
  }
  const impact = { requests: 90, failed: 90, errorRate: 1, routes: [], healthyRoutes: [] }
  const parts = { incidentFound: true, impact, proof, proofNote: 'the program does not start: no module' }
  const lines = summaryLines(incidentWith(parts), '/out', [])
  expect(lines.join('\n')).toContain('not proven: the program does not start: no module')
})
