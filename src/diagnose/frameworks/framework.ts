/** A function that answers requests, as far as its source tells. */
export type Handler = {
  /** `home`, or `GET /` for one without a name. */
  readonly name: string
  /** `/orders/:id`, as the source writes it. */
  readonly route: string | null
  readonly parameters: readonly string[]
  readonly returnType: string | null
  readonly isAsync: boolean
  /** Decorators, signature and body. */
  readonly text: string
}

/** How the file is written, so that what is added looks like it. */
export type FileStyle = {
  readonly text: string
  /** One step of indentation. */
  readonly unit: string
  readonly quote: "'" | '"'
  /** `;` or nothing. */
  readonly end: string
  /** Type of the exception that was seen, without its package; null when unknown. */
  readonly exceptionType: string | null
}

/** What answering an error and watching for it look like in one web framework. Lines are without indentation. */
export type Framework = {
  readonly name: string
  /** Ids of the languages. */
  readonly languages: readonly string[]
  /** Against the text of the file: is it written with this framework? */
  readonly uses: RegExp
  readonly isHandler: (handler: Handler) => boolean
  /** Logs the error and answers 500. */
  readonly answer: (handler: Handler, style: FileStyle) => readonly string[]
  /** A structured log line, a counter and a health check: code that stands on its own in the file. */
  readonly observe: (handler: Handler, style: FileStyle) => readonly string[]
  /** Where that code belongs, for the reader. */
  readonly place: string
}

/** What users read in place of a stack trace. */
export const APOLOGY = 'Temporary issue, please retry'

/** Does the file answer `/health` or the like already? */
export const hasHealthCheck = (text: string): boolean =>
  /['"`]\/?(health|healthz|livez|readyz|actuator\/health|ping|status)['"`/]/.test(text)

/** The variable that a call is assigned to: `app = Flask(…)` → `app`. */
export function variableOf(text: string, made: RegExp): string | null {
  const found = new RegExp(
    `(?:^|\\s)(?:(?:const|let|var|final|auto|mut)\\s+)?\\$?(\\w+)\\s*(?::?=)\\s*(?:await\\s+)?(?:${made.source})`,
    'm',
  )
  return found.exec(text)?.[1] ?? null
}

/** Lines one step deeper. */
export const deeper = (unit: string, lines: readonly string[]): string[] =>
  lines.map((line) => (line === '' ? line : unit + line))
