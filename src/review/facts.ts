import type { CommitCandidate, Factor, FindingKind, SourceExplanation } from '../diagnose/index.ts'
import type { Deploy, Fingerprint, RouteStats } from '../telemetry/index.ts'
import type { FindingRef, ReviewInput } from './review.ts'
import { tellingChange, type Clues } from './telling-change.ts'
import { quoted } from './wording.ts'

/** A release counts as suspect when the first failure came within this time of it. */
const SUSPECT_MS = 3_600_000

export type FactorFinding = Factor['findings'][number]

/** The factor that the review stands by; null where nothing was found or the diagnosis is inconclusive. */
export function mainFactor(input: ReviewInput): Factor | null {
  if (!input.diagnosis || input.diagnosis.inconclusive) return null
  return input.diagnosis.factors[0] ?? null
}

/** The main factor's commit, with the places that it changed. */
export function culprit(input: ReviewInput): CommitCandidate | null {
  const commit = mainFactor(input)?.commit
  if (!commit) return null
  return input.diagnosis?.candidates.find((candidate) => candidate.sha === commit.sha) ?? null
}

/** The most telling failing kind of line: what users ran into, in the application's own words. */
export function mainError(input: ReviewInput): Fingerprint | null {
  const [id] = input.detection?.failingFingerprints ?? []
  const found = input.logs.fingerprints.find((one) => one.id === id)
  if (!found) return null
  const isLoud = found.exception !== null || found.severityText === 'ERROR' || found.severityText === 'FATAL'
  return isLoud ? found : null
}

/** The healthy route that was asked most, when another failed. */
export function healthyRoute(input: ReviewInput): RouteStats | null {
  if (input.impact.failed === 0) return null
  const probed = input.impact.healthyRoutes.filter((route) => route.requests >= 5)
  const isCheck = (route: RouteStats): number => Number(/health|ready|live|status|ping/i.test(route.route))
  return probed.toSorted((a, b) => isCheck(b) - isCheck(a) || b.requests - a.requests)[0] ?? null
}

/** The last release before the first failure, when it came shortly before it. */
export function suspectDeploy(input: ReviewInput): (Deploy & { readonly beforeMs: number }) | null {
  const onsetAt = input.detection?.onsetAt ?? null
  if (onsetAt === null) return null
  const deploy = input.deploys.filter((one) => one.at <= onsetAt).toSorted((a, b) => b.at - a.at)[0]
  const beforeMs = deploy ? onsetAt - deploy.at : Infinity
  return deploy && beforeMs <= SUSPECT_MS ? { ...deploy, beforeMs } : null
}

/** Findings of the main factor that speak for it and are of one of these kinds. */
export function supporting(
  factor: Factor | null,
  isKind: (kind: FindingKind) => boolean,
): readonly FactorFinding[] {
  return (factor?.findings ?? []).filter((finding) => finding.supports && isKind(finding.kind))
}

/** One pointer per source: the reader checks a place once. */
export function toRefs(findings: readonly FactorFinding[], limit = 3): readonly FindingRef[] {
  const refs = new Map<string, FindingRef>()
  for (const { source, summary } of findings) if (!refs.has(source)) refs.set(source, { source, summary })
  return [...refs.values()].slice(0, limit)
}

/** The source around the main factor's place, else around the first failing frame. */
export function mainExplanation(input: ReviewInput): SourceExplanation | null {
  const all = input.diagnosis?.explanations ?? []
  const location = mainFactor(input)?.location
  return all.find((one) => one.file === location?.file && one.line === location.line) ?? all[0] ?? null
}

/** The failing line itself, as the source has it. */
export function failingLine(input: ReviewInput): string | null {
  const shown = mainExplanation(input)
  const line = shown?.snippet.find((one) => one.line === shown.line)?.text.trim() ?? ''
  return line === '' ? null : line
}

/** What is known of the place where the culprit's change tells. */
export function cluesOf(input: ReviewInput): Clues {
  const stopped = supporting(mainFactor(input), (kind) => kind === 'commit-stopped-releasing')
  return { failingLine: failingLine(input), stoppedReleasing: stopped.length > 0 }
}

/** `turned a into b`, `took out a`, `added b`: what the culprit did, in a few words; empty where it is not known. */
export function changeInWords(input: ReviewInput): string {
  const change = tellingChange(culprit(input)?.hunks ?? [], cluesOf(input))
  if (!change) return ''
  const [before, after] = [change.before, change.after].map((line) =>
    line === null ? null : quoted(line, 100),
  )
  if (before && after) return `turned ${before} into ${after}`
  return before ? `took out ${before}` : `added ${after ?? ''}`
}
