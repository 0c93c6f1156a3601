import type { Git } from '../git.ts'
import type { ExplainedFrame, Collector, CollectorInput } from './collectors/collector.ts'
import { collectFromChanges } from './collectors/changes.ts'
import { collectFromDatabase } from './collectors/database.ts'
import { collectFromLogs } from './collectors/logs.ts'
import { collectFromProcess } from './collectors/process.ts'
import { collectFromRequests } from './collectors/requests.ts'
import { collectFromSource } from './collectors/source.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Evidence } from './evidence.ts'
import { weighFingerprints } from './failing-fingerprints.ts'
import type { Finding } from './finding.ts'
import { nextSteps } from './next-steps.ts'
import { putIntoWords } from './put-into-words.ts'
import { CONCLUSIVE, rankFactors } from './rank-factors.ts'
import { type Changes, readChanges } from './read-changes.ts'
import { readSources, type SourceDeps } from './read-sources.ts'

export type DiagnoseDeps = SourceDeps & { readonly git: Git }

type Named = { readonly name: string; readonly collect: Collector }

// What was seen comes first: it says which kinds of change are suspicious. Then source and history are read.
const seen: readonly Named[] = [
  { name: 'logs', collect: collectFromLogs },
  { name: 'process', collect: collectFromProcess },
  { name: 'database', collect: collectFromDatabase },
]
const read: readonly Named[] = [
  { name: 'requests', collect: collectFromRequests },
  { name: 'source', collect: collectFromSource },
  { name: 'changes', collect: collectFromChanges },
]

/** Less likely ones only distract. */
const FAINT = 0.02
const MOST_FACTORS = 6

/**
 * Why it fails: findings of all sources, ranked causes in words, fixes, and what to look at next.
 *
 *     logs, process, database ──► findings ─┬─► commits ranked ─┐
 *     stack traces ──► source explained ────┴───────────────────┴─► findings ──► causes ──► factors ──► fixes
 *
 * A source that fails is named in `problems`; the others' findings stand.
 */
export async function diagnose(deps: DiagnoseDeps, evidence: Evidence): Promise<Diagnosis> {
  const problems: string[] = []
  const fingerprints = weighFingerprints(evidence.logs, evidence.detection)
  const nothing: CollectorInput = { evidence, fingerprints, explained: [], range: null, candidates: [] }
  const first = await collect(seen, nothing, problems)
  const explained = await attempt('source', () => explain(deps, nothing), { problems, otherwise: [] })
  const changes = await attempt(
    'git history',
    () => readChanges(deps, evidence, { fingerprints, findings: first }),
    {
      problems,
      otherwise: { range: null, candidates: [] },
    },
  )
  const input = { ...nothing, explained, ...changes }
  const findings = [...first, ...(await collect(read, input, problems))]
  return conclude(input, findings, { changes, problems })
}

async function explain(deps: SourceDeps, input: CollectorInput): Promise<readonly ExplainedFrame[]> {
  return input.evidence.repository === null ? [] : readSources(deps, input.fingerprints)
}

function conclude(
  input: CollectorInput,
  findings: readonly Finding[],
  more: { readonly changes: Changes; readonly problems: readonly string[] },
): Diagnosis {
  const failed = isFailing(input.evidence, findings)
  const ranked = failed ? rankFactors(findings).filter((one) => one.confidence >= FAINT) : []
  const materials = { findings, ...input }
  const factors = ranked.slice(0, MOST_FACTORS).map((one, index) => putIntoWords(one, index + 1, materials))
  const inconclusive = failed && (ranked[0]?.confidence ?? 0) < CONCLUSIVE
  return {
    factors,
    inconclusive,
    nextSteps: failed ? nextSteps(ranked, findings, input.evidence) : [],
    candidates: more.changes.candidates,
    range: more.changes.range,
    explanations: input.explained.map((frame) => frame.explanation),
    fixes: [],
    problems: more.problems,
  }
}

/** Where nothing failed there is nothing to explain, whatever the logs grumble about. */
function isFailing(evidence: Evidence, findings: readonly Finding[]): boolean {
  const { detection, requests } = evidence
  const ended = findings.some(
    (finding) => finding.kind === 'process-killed' || finding.kind === 'process-exited',
  )
  return (
    ended ||
    requests.failed > 0 ||
    detection.failingFingerprints.length > 0 ||
    detection.newFingerprints.length > 0
  )
}

async function collect(
  collectors: readonly Named[],
  input: CollectorInput,
  problems: string[],
): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const { name, collect } of collectors) {
    found.push(...(await attempt(name, () => collect(input), { problems, otherwise: [] })))
  }
  return found
}

async function attempt<T>(
  name: string,
  task: () => Promise<T>,
  onFailure: { readonly problems: string[]; readonly otherwise: T },
): Promise<T> {
  try {
    return await task()
  } catch (error) {
    onFailure.problems.push(
      `${name} could not be used: ${error instanceof Error ? error.message : String(error)}`,
    )
    return onFailure.otherwise
  }
}
