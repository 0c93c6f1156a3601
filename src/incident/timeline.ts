import { isError, routeWindows, spanWindows, sumTallies, type Detection } from '../detect/index.ts'
import type {
  Deploy,
  Fingerprint,
  LogDigest,
  ProcessRecord,
  RequestSummary,
  Tally,
} from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'

/** Something that happened, with its time. Kinds are stable words; the summary is for people. */
export type TimelineEvent = { readonly at: EpochMs; readonly kind: string; readonly summary: string }

export type TimelineInput = {
  readonly detection: Detection | null
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
  readonly deploys: readonly Deploy[]
  /** What the responder did: diagnosed, tried a fix, … */
  readonly milestones: readonly TimelineEvent[]
}

const MAX_NEW_ERRORS = 6
const MAX_DEPLOYS = 5
/** A peak is told only where the rate moved: it needs windows to compare and requests to count. */
const MIN_WINDOWS = 4
const MIN_REQUESTS = 5
const PEAK_FACTOR = 1.15
const NONE: Tally = { requests: 0, failed: 0 }

/** What happened, in order, from facts only; events of the same time keep the order of cause and effect below. */
export function buildTimeline(input: TimelineInput): readonly TimelineEvent[] {
  return [
    ...processEvents(input.process),
    ...deployEvents(input.deploys, input.detection),
    ...newErrorEvents(input.logs, input.detection),
    ...detectionEvents(input.detection),
    ...peakEvent(input.requests, input.detection),
    ...input.milestones,
  ].toSorted((a, b) => a.at - b.at)
}

function processEvents(process: ProcessRecord | null): readonly TimelineEvent[] {
  if (!process) return []
  const program = process.command.slice(0, 3).join(' ')
  const events = [
    {
      at: process.startedAt,
      kind: 'program-started',
      summary: `The program was started: \`${quoted(program)}\``,
    },
  ]
  if (process.readyAt !== null)
    events.push({ at: process.readyAt, kind: 'ready', summary: 'It gave its first answer' })
  if (process.exitedAt !== null) {
    const how =
      process.signal === null ? `exit code ${process.exitCode ?? 'unknown'}` : `signal ${process.signal}`
    events.push({
      at: process.exitedAt,
      kind: 'process-ended',
      summary: `The program ended by itself (${how})`,
    })
  }
  return events
}

function deployEvents(deploys: readonly Deploy[], detection: Detection | null): readonly TimelineEvent[] {
  const until = detection?.endedAt ?? Infinity
  const told = deploys.toSorted((a, b) => a.at - b.at)
  const before = told.filter((deploy) => deploy.at <= (detection?.onsetAt ?? Infinity)).slice(-2)
  const during = told.filter(
    (deploy) => !before.includes(deploy) && deploy.at > (detection?.onsetAt ?? Infinity),
  )
  // A release shortly after the last failure is most likely the one that ended it.
  const after = during.filter((deploy) => deploy.at <= until + 6 * WINDOW_MS).slice(0, MAX_DEPLOYS)
  return [...before, ...after].map((deploy) => ({
    at: deploy.at,
    kind: 'deploy',
    summary: deployInWords(deploy),
  }))
}

function deployInWords(deploy: Deploy): string {
  const what = deploy.version === null ? 'A release' : `Release ${deploy.version}`
  const whose = deploy.service === null ? '' : ` of ${deploy.service}`
  const commit = deploy.commit === null ? '' : ` (commit ${deploy.commit.slice(0, 10)})`
  return `${what}${whose} went live${commit}`
}

function newErrorEvents(logs: LogDigest, detection: Detection | null): readonly TimelineEvent[] {
  const fresh = new Set(detection?.newFingerprints)
  const events = logs.fingerprints
    .filter((one) => fresh.has(one.id) && isError(one))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, MAX_NEW_ERRORS)
  return events.flatMap((one) => {
    const summary = `First seen in the log: \`${quoted(nameOf(one))}\`${one.count > 1 ? ` (${one.count} times in all)` : ''}`
    return one.firstSeen === null ? [] : [{ at: one.firstSeen, kind: 'new-error', summary }]
  })
}

function detectionEvents(detection: Detection | null): readonly TimelineEvent[] {
  if (!detection || detection.onsetAt === null) return []
  const isRequests = detection.signal === 'failed-requests'
  const events: TimelineEvent[] = []
  if (detection.signal !== 'process-ended') {
    const summary = isRequests
      ? 'The first request of the incident failed'
      : 'The first error of the incident was logged'
    events.push({ at: detection.onsetAt, kind: 'first-failure', summary })
  }
  if (detection.detectedAt !== null) {
    events.push({ at: detection.detectedAt, kind: 'detected', summary: detectedInWords(detection) })
  }
  if (detection.endedAt !== null) {
    const summary = isRequests
      ? 'The last failed request; those after it succeeded'
      : 'The error was logged for the last time'
    events.push({ at: detection.endedAt, kind: 'recovered', summary })
  }
  return events
}

function detectedInWords({ signal, summary }: Detection): string {
  if (signal === 'failed-requests') return 'Enough requests had failed to be sure that it is no accident'
  return signal === 'process-ended'
    ? summary
    : 'The error had come often enough to be sure that it is no accident'
}

/** The worst window of the routes that failed, where it is clearly worse than the incident as a whole. */
function peakEvent(requests: RequestSummary, detection: Detection | null): readonly TimelineEvent[] {
  if (detection?.signal !== 'failed-requests' || detection.onsetAt === null) return []
  const span = { from: detection.onsetAt, to: detection.endedAt }
  const windows = sumByWindow(
    requests.routes
      .filter((route) => route.failed > 0)
      .map((route) => spanWindows(routeWindows(route, requests, span), span)),
  )
  if (windows.size < MIN_WINDOWS) return []
  const counted = [...windows].filter(([, tally]) => tally.requests >= MIN_REQUESTS)
  const [peak] = counted.toSorted(([at, a], [bt, b]) => share(b) - share(a) || at - bt)
  if (!peak || share(peak[1]) < PEAK_FACTOR * share(sumTallies(windows.values()))) return []
  const [at, tally] = peak
  const percent = (share(tally) * 100).toFixed(0)
  const summary = `The share of failed requests peaked at ${percent} % (${tally.failed} of ${tally.requests} in 10 s)`
  return [{ at: Math.max(at, detection.onsetAt), kind: 'peak', summary }]
}

function sumByWindow(maps: readonly ReadonlyMap<EpochMs, Tally>[]): ReadonlyMap<EpochMs, Tally> {
  const windows = new Map<EpochMs, Tally>()
  for (const [at, tally] of maps.flatMap((map) => [...map]))
    windows.set(at, sumTallies([tally, windows.get(at) ?? NONE]))
  return windows
}

function share(tally: Tally): number {
  return tally.requests === 0 ? 0 : tally.failed / tally.requests
}

function nameOf(fingerprint: Fingerprint): string {
  const link = fingerprint.exception?.[0]
  return link ? `${link.type}: ${link.message}` : fingerprint.template
}

/** Fit to stand between backticks, on one line. */
function quoted(text: string): string {
  const line = text.replaceAll('`', "'").replaceAll(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
