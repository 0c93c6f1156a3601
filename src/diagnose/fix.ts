/** A change of the application that would end the failure or soften it. */
export type ProposedFix = {
  readonly kind: 'remove-cause' | 'handle-error' | 'observe'
  readonly title: string
  readonly description: string
  /** Path in the repository; null where the fix is not of one file. */
  readonly file: string | null
  readonly language: string
  /** What the code looks like afterwards, in the application's own language. */
  readonly code: string
  /** A unified diff that `git apply` takes at the repository's root; null where only a person can write it. */
  readonly patch: string | null
}
