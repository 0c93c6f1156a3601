// In: a fix, and how the failing program was run. Out: whether the failure is gone with it, measured.
// Refuses to know: how the fix was found.
export type { Proof } from './proof.ts'
export { proveFix } from './prove-fix.ts'
export type { ReplayResult } from './replay.ts'
export { replay } from './replay.ts'
