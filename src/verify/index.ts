// In: a fix, and how the failing program was run. Out: whether the failure is gone with it, measured.
// Refuses to know: how the fix was found.
export type { Proof } from './proof.ts'
export type { ProofDeps, ProofInput } from './prove-fix.ts'
export { proveFix } from './prove-fix.ts'
export type { ReplayDeps, ReplayInput, ReplayResult, StillFailing } from './replay.ts'
export { replay } from './replay.ts'
