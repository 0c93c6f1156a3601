import { repositoryPath } from '../telemetry/index.ts'
import type { ExplainedFrame } from './collectors/collector.ts'
import { explainSource } from './explain-source.ts'
import type { WeighedFingerprint } from './failing-fingerprints.ts'
import { locateLogLine } from './locate-log-line.ts'

export type SourceDeps = {
  /** Text of a file by its path in the repository; null where it is not there. */
  readonly readFile: (path: string) => Promise<string | null>
  readonly listFiles: () => Promise<ReadonlySet<string>>
}

const MOST_FINGERPRINTS = 8
const FRAMES_EACH = 3
const MOST_LOG_LINES = 3

/** Explains the application's own frames of the failing exceptions, the innermost of each first. */
export async function readSources(
  deps: SourceDeps,
  fingerprints: readonly WeighedFingerprint[],
): Promise<readonly ExplainedFrame[]> {
  const files = await deps.listFiles()
  const failing = fingerprints.filter((one) => one.fingerprint.exception !== null && one.relevance >= 0.5)
  const explained: ExplainedFrame[] = []
  for (const fingerprint of failing.slice(0, MOST_FINGERPRINTS)) {
    explained.push(...(await explainFrames(deps, files, fingerprint)))
  }
  return explained.length > 0 ? explained : explainLogLines({ ...deps, files }, fingerprints)
}

/** Without a stack trace, the statement that wrote the error stands in for the failing line. */
async function explainLogLines(
  source: SourceDeps & { readonly files: ReadonlySet<string> },
  fingerprints: readonly WeighedFingerprint[],
): Promise<readonly ExplainedFrame[]> {
  const errors = fingerprints.filter(
    ({ fingerprint, relevance }) => relevance >= 0.5 && ['ERROR', 'FATAL'].includes(fingerprint.severityText),
  )
  const explained: ExplainedFrame[] = []
  for (const fingerprint of errors.slice(0, MOST_LOG_LINES)) {
    const place = await locateLogLine(source, fingerprint.fingerprint)
    const explanation = place === null ? null : await explainSource(source, { ...place, exceptionType: null })
    if (explanation !== null) explained.push({ explanation, fingerprint, depth: 0 })
  }
  return explained
}

async function explainFrames(
  deps: SourceDeps,
  files: ReadonlySet<string>,
  fingerprint: WeighedFingerprint,
): Promise<readonly ExplainedFrame[]> {
  // The last link is where it began; its wrappers add frames only where it has none of the application's own.
  const chain = [...(fingerprint.fingerprint.exception ?? [])].reverse()
  const places = chain.flatMap((link) =>
    link.frames
      .filter((frame) => frame.inApp)
      .map((frame) => ({
        file: repositoryPath(frame, files),
        line: frame.line,
        exceptionType: link.type,
      }))
      .flatMap(({ file, line, exceptionType }) =>
        file === null || line === null ? [] : [{ file, line, exceptionType }],
      ),
  )
  const explained: ExplainedFrame[] = []
  for (const place of places.slice(0, FRAMES_EACH)) {
    const explanation = await explainSource(deps, place)
    if (explanation !== null) explained.push({ explanation, fingerprint, depth: explained.length })
  }
  return explained
}
