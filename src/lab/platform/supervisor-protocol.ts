import type { ErrorCode } from '../../errors.ts'
import type { LabFile } from './lab-file.ts'
import type { LabPlan } from './lab-plan.ts'

/** What the supervisor's process is told: what to bring up, and that its parent will leave it alone. */
export type SupervisorOrder =
  | { readonly kind: 'up'; readonly plan: LabPlan }
  | { readonly kind: 'detach' }
  | { readonly kind: 'down' }

export type SupervisorReport =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'up'; readonly file: LabFile }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode | null
      readonly message: string
      readonly hint: string | null
    }
