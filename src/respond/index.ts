// The response loop: one incident from what was seen to the review on disk, and the smaller jobs with the same inputs.
// In: a plan of the command line. Out: an Outcome. Refuses to know: how it is shown.
// Jobs are loaded by app.ts when they are asked for; doors need what stands here.
export type { Outcome } from './responders.ts'
