import type { Diagnosis } from '../diagnose/index.ts'
import { redactCode as redact } from '../telemetry/index.ts'

/**
 * The diagnosis as it may be written down. Source and diffs are the one thing that reaches a review without having
 * gone through the log reader, and code holds passwords, too. The patch file itself stays exact, or it would not
 * apply.
 */
export function redactDiagnosis(diagnosis: Diagnosis): Diagnosis {
  const { candidates, explanations, fixes, factors } = diagnosis
  return {
    ...diagnosis,
    factors: factors.map((factor) => ({
      ...factor,
      summary: redact(factor.summary),
      findings: factor.findings.map((finding) => ({
        ...finding,
        summary: redact(finding.summary),
        evidence: finding.evidence === null ? null : redact(finding.evidence),
      })),
    })),
    candidates: candidates.map((candidate) => ({
      ...candidate,
      subject: redact(candidate.subject),
      hunks: candidate.hunks.map((hunk) => ({ ...hunk, lines: hunk.lines.map(redact) })),
    })),
    explanations: explanations.map((explanation) => ({
      ...explanation,
      snippet: explanation.snippet.map(({ line, text }) => ({ line, text: redact(text) })),
    })),
    fixes: fixes.map((fix) => ({
      ...fix,
      code: redact(fix.code),
      patch: fix.patch === null ? null : redact(fix.patch),
    })),
  }
}
