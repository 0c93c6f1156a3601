// In: what was seen and detected. Out: the incident's facts: severity, impact, downtime, objective, timeline.
// Refuses to know: causes and fixes.
export type { Severity } from './severity.ts'
export { proposeSeverity } from './severity.ts'
export type { Impact, SlaAccount } from './impact.ts'
