import type { Endpoint } from '../endpoint.ts'
import { detection, detections } from './detections.ts'
import { alerts, changes, newReport, probes, reports } from './happenings.ts'
import { endSilence, newSilence, rules, rulesTest, silences, status } from './policy.ts'
import { services } from './services.ts'
import { logs, metricNames, metricSeries, requests, spans, trace } from './signals.ts'

/** The API, in the order of its documentation. Adding an operation is adding a file and a line. */
export const endpoints: readonly Endpoint[] = [
  detections,
  detection,
  services,
  requests,
  logs,
  spans,
  trace,
  metricNames,
  metricSeries,
  changes,
  reports,
  newReport,
  probes,
  alerts,
  rules,
  rulesTest,
  silences,
  newSilence,
  endSilence,
  status,
]
