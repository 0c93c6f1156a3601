// In: telemetry as it was taken, and what detection made of it. Out: the same again, by time and service.
// Refuses to know: what any of it means. The only place that knows Firebreak's databases.
export { createMemoryStore } from './memory-store.ts'
export { openTelemetryStore } from './open-store.ts'
export { DEFAULT_RETENTION } from './schema.ts'
export type { Page, Paging, TelemetryStore } from './telemetry-store.ts'
