import type { StatusJson } from '../contract/api.ts'
import type { Service } from '../service/index.ts'
import { toIso, toIsoOrNull } from '../time.ts'

/** How Firebreak itself does, for /api/v1/status. */
export async function statusJson(service: Service): Promise<StatusJson> {
  const state = service.state()
  const store = await service.stored.stats()
  const active = service.detector.active()
  return {
    version: service.version,
    startedAt: toIso(service.startedAt),
    ready: state.isReady,
    listening: [...state.listening],
    detections: {
      active: active.length,
      paging: active.filter(({ urgency, suppressedBy }) => urgency !== 'P4' && suppressedBy === null).length,
    },
    sources: state.sources.map(({ source, name, state: { kind, reason, lastAt, taken, dropped } }) => ({
      source,
      name,
      state: kind,
      reason,
      lastAt: toIsoOrNull(lastAt),
      taken,
      dropped,
    })),
    received: state.received.map(({ source, requests, received, accepted, refused }) => ({
      source,
      requests,
      received,
      accepted,
      refused: Object.fromEntries(refused),
    })),
    store: {
      engine: {
        state: store.engine.state,
        restarts: store.engine.restarts,
        residentBytes: store.engine.residentBytes,
      },
      queueBytes: store.queue.bytes,
      rows: store.tables.reduce((sum, { rows }) => sum + rows, 0),
      diskBytes: store.diskBytes,
      freeBytes: store.freeBytes,
    },
    refusedConfiguration: state.refusedConfiguration,
  }
}
