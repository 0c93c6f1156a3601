import type { DetectionEventJson, DetectionJson } from '../contract/api.ts'
import type { EpochMs } from '../time.ts'

/** What is wrong, most urgent first, for a person. */
export function detectionTable(detections: readonly DetectionJson[], now: EpochMs): string {
  if (detections.length === 0) return 'nothing is wrong'
  const ranked = detections.toSorted(
    (one, other) =>
      Number(one.endedAt !== null) - Number(other.endedAt !== null) ||
      one.urgency.localeCompare(other.urgency) ||
      other.startedAt.localeCompare(one.startedAt),
  )
  return ranked.map((detection) => rowOf(detection, now)).join('\n')
}

function rowOf(detection: DetectionJson, now: EpochMs): string {
  const { urgency, rule, summary, startedAt, endedAt, suppressedBy } = detection
  const until = endedAt === null ? now : Date.parse(endedAt)
  const lasted = inWords(until - Date.parse(startedAt))
  const state = endedAt === null ? `for ${lasted}` : `ended, lasted ${lasted}`
  const quiet = suppressedBy === null ? '' : ` [${suppressedBy}]`
  return `${urgency}  ${startedAt}  ${state.padEnd(22)}  ${rule}  ${subjectOf(detection)}${quiet}\n    ${summary}`
}

/** One line for each thing that happened. */
export function eventLine({ at, kind, detection }: DetectionEventJson): string {
  return `${at}  ${kind.padEnd(8)}  ${detection.urgency}  ${detection.rule}  ${subjectOf(detection)}  ${detection.summary}`
}

function subjectOf({ subject: { service, route, instance, resource } }: DetectionJson): string {
  return [service, route, instance, resource].filter((part) => part !== null).join(' ') || 'everything'
}

function inWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
