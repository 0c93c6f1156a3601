// In: every fact of an incident, with its diagnosis and the proof of a fix. Out: the post-incident review and its files.
// Refuses to know: where facts came from, and where files go.
export type { Review } from './review.ts'
export { buildReview } from './build-review.ts'
export { fingerprintsJson, toIncidentJson } from './to-incident-json.ts'
export { toHtml } from './to-html.ts'
export { toMarkdown } from './to-markdown.ts'
