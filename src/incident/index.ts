// In: what was seen and detected. Out: the incident's facts: severity, impact, downtime, objective, timeline.
// Refuses to know: causes and fixes.
export type { Severity } from './severity.ts'
export { proposeSeverity, severityFallback } from './severity.ts'
export type { Impact, SlaAccount } from './impact.ts'
export { assessImpact, incidentSpan } from './assess-impact.ts'
export { accountSla } from './sla.ts'
export { buildTimeline, type TimelineEvent } from './timeline.ts'
export { formatDuration } from './format-duration.ts'
