import type { DetectionEvent, LiveDetection } from '../detect/index.ts'
import type { Ask } from './ask.ts'
import { fromNanoseconds } from './ask.ts'
import { fromJson } from './json-text.ts'
import type { DetectionHistory, DetectionsQuery, Page } from './telemetry-store.ts'
import { searchBack } from './time-search.ts'

/** Of two events of one moment, the one that tells more of how it stands. */
const ORDER = "(At, indexOf(['detected', 'updated', 'ended'], Kind))"
const EVER = { from: 0, to: 4_000_000_000_000 }

/** Detections as each stands, those that were detected last first. */
export async function findDetections(ask: Ask, query: DetectionsQuery): Promise<Page<LiveDetection>> {
  const sql = `SELECT toString(toUnixTimestamp64Nano(max(DetectedAt))) AS ns, argMax(Json, ${ORDER}) AS json, argMax(Kind, ${ORDER}) AS kind
FROM firebreak_detections
WHERE DetectedAt >= fromUnixTimestamp64Nano({from:Int64}) AND DetectedAt < fromUnixTimestamp64Nano({to:Int64})
  ${query.service === undefined ? '' : 'AND ServiceName = {service:String}'}
GROUP BY Id ${query.activeOnly === true ? "HAVING kind != 'ended'" : ''}
ORDER BY max(DetectedAt) DESC, Id LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
  const window = query.window ?? EVER
  return searchBack<{ ns: string; json: string }, LiveDetection>({
    window,
    paging: query,
    firstMs: window.to - window.from, // there are few: one look
    look: (stretch) => ask(sql, { service: query.service ?? '', ...stretch }),
    toItem: ({ json }) => fromJson(json) as LiveDetection,
  })
}

/** One detection with all that happened to it; null where there is none of that id. */
export async function findDetection(ask: Ask, id: string): Promise<DetectionHistory | null> {
  const rows = await ask<{ ns: string; kind: DetectionEvent['kind']; json: string }>(
    `SELECT toString(toUnixTimestamp64Nano(At)) AS ns, Kind AS kind, Json AS json FROM firebreak_detections FINAL
WHERE Id = {id:String} ORDER BY ${ORDER} LIMIT 10000`,
    { id },
  )
  const events = rows.map(({ ns, kind, json }) => ({
    at: fromNanoseconds(ns),
    kind,
    detection: fromJson(json) as LiveDetection,
  }))
  const last = events.at(-1)
  return last === undefined ? null : { detection: last.detection, events }
}
