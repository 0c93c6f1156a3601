import { catalogue } from './causes/catalogue.ts'
import { fillIn } from './causes/cause.ts'
import type { Evidence } from './evidence.ts'
import type { Finding, FindingKind } from './finding.ts'
import { CONCLUSIVE, type RankedCause } from './rank-factors.ts'
import { weights } from './weights.ts'

/** How to make the findings that only a person, or another source, can make. */
const howToLook: Partial<Record<FindingKind, string>> = {
  'sessions-idle-in-transaction':
    'look at the sessions of the database by state (--db URL): many that idle in a transaction speak for',
  'sessions-mostly-idle':
    'look at the sessions of the database while it fails (--db URL): sessions that do nothing speak for',
  'database-connections-normal':
    'look at the connections of the database against its limit (--db URL): room to spare speaks for',
  'database-connections-high':
    'look at the connections of the database against its limit (--db URL): a number near the limit speaks for',
  'database-connections-grow':
    'watch the connections of the database for some minutes (--db URL): a number that only rises speaks for',
  'statements-long-running':
    'look at the running statements of the database (--db URL): some that run for seconds speak for',
  'sessions-blocked': 'look for sessions that wait for a lock (--db URL): they speak for',
  'commit-stopped-releasing':
    'give the repository and the releases (--repo, --deploys): a commit that stopped giving connections back speaks for',
  'commit-changed-limit':
    'give the repository and the releases (--repo, --deploys): a commit that changed a pool size or time-out speaks for',
  'commit-dropped-index': 'read the migrations of the last release: a dropped index speaks for',
  'commit-changed-call':
    'give the repository and the releases (--repo, --deploys): a changed call at the failing line speaks for',
  'release-before-onset':
    'find out when the last release went live (--deploys): just before the onset speaks for',
  'onset-without-release':
    'find out when the last release went live (--deploys): long before the onset speaks for',
  'nondeterministic-guard':
    'read the condition above the failing line (--repo): a random or clock call speaks for',
  'route-fails-partly': 'send one failing request ten times: answers that differ speak for',
  'route-fails-always': 'send different requests to the failing route: if all fail, that speaks for',
  'memory-grows': 'watch the memory of the process under load: a steady rise speaks for',
  'traffic-grows': 'compare the requests per minute with the hour before: a multiple speaks for',
  'failures-grow':
    'restart one instance and watch it: if it works for a while and then fails, that speaks for',
}

/** What to look at next: what would tell the likeliest causes apart, then what they say themselves, then what is missing. */
export function nextSteps(
  ranked: readonly RankedCause[],
  findings: readonly Finding[],
  evidence: Evidence,
): readonly string[] {
  const [first, second] = ranked
  const isSure = first !== undefined && first.confidence >= CONCLUSIVE
  const telling = first && second ? separating(first, second, findings) : []
  if (isSure) return [...telling.slice(0, 1), ...looksOf(first)]
  const looks = ranked.slice(0, 2).flatMap((one) => looksOf(one))
  return [...new Set([...telling.slice(0, 3), ...looks, ...missing(evidence)])].slice(0, 8)
}

function separating(
  first: RankedCause,
  second: RankedCause,
  findings: readonly Finding[],
): readonly string[] {
  const seen = new Set(findings.map((finding) => finding.kind))
  const [a, b] = [weights[first.cause].given, weights[second.cause].given]
  return (Object.keys(howToLook) as FindingKind[])
    .filter((kind) => !seen.has(kind))
    .map((kind) => ({ kind, difference: (a[kind] ?? 0) - (b[kind] ?? 0) }))
    .filter(({ difference }) => Math.abs(difference) >= 1.5)
    .toSorted((x, y) => Math.abs(y.difference) - Math.abs(x.difference))
    .map(({ kind, difference }) => `${howToLook[kind] ?? kind} ${(difference > 0 ? first : second).cause}`)
    .map((text) => text.charAt(0).toUpperCase() + text.slice(1))
}

function looksOf({ cause, findings }: RankedCause): readonly string[] {
  const entry = catalogue[cause]
  const resource =
    findings.find((finding) => finding.subject.resource !== undefined)?.subject.resource ?? null
  const context = { findings, commit: null, location: null, resource, exception: null, impact: '' }
  return entry.investigation
    .slice(0, 2)
    .map((look) => (look.command === null ? look.what : `${look.what}: ${look.command}`))
    .map((text) => `${cause}: ${fillIn(text, context)}`)
}

function missing(evidence: Evidence): readonly string[] {
  const steps: string[] = []
  if (evidence.repository === null)
    steps.push('Give the source with --repo: then the failing lines and what changed can be read')
  if (evidence.repository !== null && evidence.deploys.length === 0) {
    steps.push('Give the times of the releases with --deploys: then the onset can be held against them')
  }
  if (evidence.requests.requests === 0)
    steps.push('Give the access log too: then it shows which routes fail, how often and since when')
  if (evidence.logs.fingerprints.every((one) => one.exception === null)) {
    steps.push('Let the program log its exceptions with their stack traces')
  }
  if (evidence.databaseProbes.length === 0)
    steps.push('Let the database be looked at with --db URL, where the program has one')
  return steps
}
