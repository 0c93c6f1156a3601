import type { DetectionEvent } from '../detect/index.ts'
import type {
  Change,
  DatabaseProbe,
  ProbeResult,
  ReceivedAlert,
  RequestOutcome,
  UserReport,
} from '../telemetry/index.ts'
import { toJson } from './json-text.ts'
import { createBlock, field } from './native-block.ts'
import type { BlockWriter } from './native-block.ts'
import { float64, text, time, uint16, uint8, word } from './native-columns.ts'

/** One request of an access log, with whose log it was. */
export type LoggedRequest = { readonly service: string; readonly outcome: RequestOutcome }

export function requestsBlock(): BlockWriter<LoggedRequest> {
  return createBlock<LoggedRequest>('firebreak_requests', [
    field('At', time(), ({ outcome }) => outcome.at),
    field('ServiceName', word(), ({ service }) => service),
    field('Route', word(), ({ outcome }) => outcome.route),
    field('Status', uint16(), ({ outcome }) => outcome.status ?? 0),
    field('NoAnswer', word(), ({ outcome }) => outcome.noAnswer ?? ''),
    field('DurationMs', float64(), ({ outcome }) => outcome.durationMs ?? Number.NaN),
    field('Client', text(), ({ outcome }) => outcome.client ?? ''),
  ])
}

// What comes seldom is kept whole as JSON, behind the columns that are asked for.

export function changesBlock(): BlockWriter<Change> {
  return createBlock<Change>('firebreak_changes', [
    field('At', time(), (change) => change.at),
    field('ServiceName', word(), (change) => change.service ?? ''),
    field('Id', text(), (change) => change.id),
    field('Kind', word(), (change) => change.kind),
    field('Json', text(), toJson),
  ])
}

export function reportsBlock(): BlockWriter<UserReport> {
  return createBlock<UserReport>('firebreak_reports', [
    field('At', time(), (report) => report.at),
    field('ServiceName', word(), (report) => report.service ?? ''),
    field('Id', text(), (report) => report.id),
    field('Json', text(), toJson),
  ])
}

export function probesBlock(): BlockWriter<ProbeResult> {
  return createBlock<ProbeResult>('firebreak_probes', [
    field('At', time(), (probe) => probe.at),
    field('ServiceName', word(), (probe) => probe.service ?? ''),
    field('Probe', word(), (probe) => probe.probe),
    field('Kind', word(), (probe) => probe.kind),
    field('Succeeded', uint8('Bool'), (probe) => (probe.succeeded ? 1 : 0)),
    field('DurationMs', float64(), (probe) => probe.durationMs),
    field('Json', text(), toJson),
  ])
}

export function databasesBlock(): BlockWriter<DatabaseProbe> {
  return createBlock<DatabaseProbe>('firebreak_databases', [
    field('At', time(), (probe) => probe.at),
    field('Target', word(), (probe) => probe.target),
    field('Engine', word(), (probe) => probe.engine),
    field('Used', float64(), (probe) => probe.connections?.used ?? Number.NaN),
    field('Limit', float64(), (probe) => probe.connections?.limit ?? Number.NaN),
    field('Json', text(), toJson),
  ])
}

export function alertsBlock(): BlockWriter<ReceivedAlert> {
  return createBlock<ReceivedAlert>('firebreak_alerts', [
    field('At', time(), (alert) => alert.endedAt ?? alert.startedAt),
    field('ServiceName', word(), (alert) => alert.service ?? ''),
    field('Key', text(), (alert) => alert.key),
    field('Status', word(), (alert) => alert.status),
    field('Name', word(), (alert) => alert.name),
    field('Json', text(), toJson),
  ])
}

export function detectionsBlock(): BlockWriter<DetectionEvent> {
  return createBlock<DetectionEvent>('firebreak_detections', [
    field('At', time(), (event) => event.at),
    field('Id', text(), (event) => event.detection.id),
    field('Kind', word(), (event) => event.kind),
    field('ServiceName', word(), (event) => event.detection.subject.service ?? ''),
    field('Rule', word(), (event) => event.detection.rule),
    field('Urgency', word(), (event) => event.detection.urgency),
    field('DetectedAt', time(), (event) => event.detection.detectedAt),
    field('Json', text(), (event) => toJson(event.detection)),
  ])
}
