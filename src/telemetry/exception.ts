/** One frame of a stack trace, as the log shows it. `file` is the path in the log, not one of this machine. */
export type StackFrame = {
  readonly file: string | null
  readonly line: number | null
  readonly function: string | null
  /** The application's own code, as far as the path and the package tell; the rest is library or runtime. */
  readonly inApp: boolean
}

/** One exception of a chain. `frames` are innermost first, whatever the language prints. */
export type ExceptionLink = {
  readonly type: string
  readonly message: string
  readonly frames: readonly StackFrame[]
}

/** Outermost exception first; each further link is the cause of the one before it. Never empty. */
export type ExceptionChain = readonly ExceptionLink[]
