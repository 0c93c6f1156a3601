import { attempt } from './attempt.ts'
import { collectFromChanges } from './collectors/changes.ts'
import type { Collector, CollectorInput } from './collectors/collector.ts'
import { collectFromDatabase } from './collectors/database.ts'
import { collectFromLogs } from './collectors/logs.ts'
import { collectFromProcess } from './collectors/process.ts'
import { collectFromRequests } from './collectors/requests.ts'
import { collectFromSource } from './collectors/source.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Evidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { nextSteps } from './next-steps.ts'
import { putIntoWords } from './put-into-words.ts'
import type { Factor } from './factor.ts'
import { CONCLUSIVE, rankFactors } from './rank-factors.ts'

/** Adding a source of evidence is adding a file and a line. */
const collectors: readonly { readonly name: string; readonly collect: Collector }[] = [
  { name: 'logs', collect: collectFromLogs },
  { name: 'process', collect: collectFromProcess },
  { name: 'database', collect: collectFromDatabase },
  { name: 'requests', collect: collectFromRequests },
  { name: 'source', collect: collectFromSource },
  { name: 'changes', collect: collectFromChanges },
]

/** What all collectors see. */
export async function collectFindings(
  input: CollectorInput,
  problems: string[],
): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const { name, collect } of collectors) {
    found.push(...(await attempt(name, () => collect(input), { problems, otherwise: [] })))
  }
  return found
}

/** Less likely ones only distract. */
const FAINT = 0.02
const MOST_FACTORS = 6

/** Ranked factors in words from all that was seen and read, and what to look at next. Fixes are made of them later. */
export async function weighEvidence(
  input: CollectorInput,
): Promise<Pick<Diagnosis, 'factors' | 'inconclusive' | 'nextSteps' | 'problems'>> {
  const problems: string[] = []
  const findings = await collectFindings(input, problems)
  if (!isFailing(input.evidence, findings))
    return { factors: [], inconclusive: false, nextSteps: [], problems }
  const ranked = rankFactors(findings)
  const likely = ranked.filter((one) => one.confidence >= FAINT).slice(0, MOST_FACTORS)
  const materials = { findings, ...input }
  const factors = likely.map((one, index) => putIntoWords(one, index + 1, materials))
  return {
    factors,
    inconclusive: sureness(factors) < CONCLUSIVE,
    nextSteps: nextSteps(likely, findings, input.evidence),
    problems,
  }
}

/**
 * How sure the first factor is. Where another one names the same commit (a release that no longer checks its input is
 * both), they differ in the name only: what to do about it is the same.
 */
function sureness([first, ...others]: readonly Factor[]): number {
  if (first === undefined) return 0
  const same = others.filter(({ commit }) => commit !== null && commit.sha === first.commit?.sha)
  return same.reduce((sum, { confidence }) => sum + confidence, first.confidence)
}

/** Where nothing failed there is nothing to explain, whatever the logs grumble about. */
function isFailing(evidence: Evidence, findings: readonly Finding[]): boolean {
  const { detection, requests } = evidence
  const ended = findings.some(({ kind }) => kind === 'process-killed' || kind === 'process-exited')
  const named = detection.failingFingerprints.length + detection.newFingerprints.length
  return ended || requests.failed > 0 || named > 0
}
