import { exceptionKey } from '../exceptions/exception-key.ts'
import type { ExceptionChain } from '../exception.ts'
import type { LogExample, SeverityText } from '../fingerprint.ts'
import { classifyFrames } from '../exceptions/in-app.ts'
import { isErrorClass, type LineKind, type LineKinds } from './line-kinds.ts'
import type { LineReaderDeps } from './line-reader.ts'
import { decodeLine, type LogSource } from './log-source.ts'
import { redact } from '../redact.ts'
import { shownText } from './shown-text.ts'
import type { TraceRunsDeps } from '../exceptions/trace-runs.ts'

const MAX_TEXT = 4096
const MAX_EXAMPLES = 3
const MAX_CONTEXT = 500
/** Past this many kinds, lines of others are counted together, by their severity and format. */
const MAX_KINDS = 10_000
/** Past this many exceptions, one that has no frames is told by its types only. */
const MAX_EXCEPTIONS = 5000

export type KindMakers = {
  readonly lineKind: LineReaderDeps['newKind']
  readonly recordKind: LineReaderDeps['recordKind']
  readonly traceKind: TraceRunsDeps['kindOf']
}

type Occurrence = {
  readonly source: LogSource
  readonly severityText: SeverityText
  readonly example: () => LogExample
}

/** Makes kinds of what the reader understood; the same exception is one kind, wherever it was logged. */
export function createKindMakers(
  kinds: LineKinds,
  repositoryFiles: ReadonlySet<string> | undefined,
): KindMakers {
  const exceptions = new Map<string, LineKind>()
  const otherKind = createOtherKinds(kinds)

  const exceptionKind = (found: ExceptionChain, { source, severityText, example }: Occurrence): LineKind => {
    const chain = classifyFrames(found, repositoryFiles)
    const isMany = exceptions.size >= MAX_EXCEPTIONS
    const key = isMany ? chain.map(({ type }) => type).join('\n') : exceptionKey(chain)
    const known = exceptions.get(key)
    if (known) {
      if (known.examples.length < MAX_EXAMPLES) known.examples.push(example())
      return known
    }
    const exception = chain.map((link) => ({ ...link, message: redact(link.message.slice(0, MAX_TEXT)) }))
    const noLine = { text: '', messageStart: 0, isField: true, source: source.index }
    const kind = kinds.add({ ...noLine, severityText, exception, examples: [example()] })
    exceptions.set(key, kind)
    return kind
  }

  return {
    lineKind(source, { parsed, text, line }) {
      // A field's text ends where the field does, not with the line.
      const inLine = parsed.messageStart >= 0 && parsed.fields === null
      const { severityText } = parsed
      if (kinds.all.length >= MAX_KINDS)
        return otherKind(source, severityText, () => exampleOf(source, text, line.number))
      const example = exampleOf(source, text, line.number)
      const isTelling = severityText === 'WARN' || isErrorClass({ severityText, exception: null })
      return kinds.add({
        severityText,
        text: (inLine ? text : parsed.message).slice(0, MAX_TEXT),
        messageStart: inLine ? parsed.messageStart : 0,
        source: source.index,
        isField: parsed.fields !== null,
        exception: null,
        examples: [isTelling ? withContext(source, example) : example],
      })
    },
    recordKind(source, { chain, parsed, text, line }) {
      const example = () => withContext(source, exampleOf(source, text, line.number))
      return exceptionKind(chain, { source, severityText: ofError(parsed.severityText), example })
    },
    traceKind(chain, { source, block, carrier }) {
      const example = () => exampleOf(source, block.text, block.lines[0] ?? source.lines)
      return exceptionKind(chain, {
        source,
        severityText: ofError(carrier?.severityText ?? 'ERROR'),
        example,
      })
    },
  }
}

/** The kinds that count what is too much to tell apart: one per severity and format, and its template says so. */
function createOtherKinds(kinds: LineKinds) {
  const others = new Map<string, LineKind>()
  return (source: LogSource, severityText: SeverityText, example: () => LogExample): LineKind => {
    const lines = `${severityText === '' ? '' : `${severityText} `}lines in ${source.format?.name ?? 'plain'}`
    const text = `(other kinds of ${lines}: too many to tell apart)`
    const known = others.get(text)
    if (known) return known
    const noLine = { text, messageStart: 0, isField: true, source: source.index, exception: null }
    const kind = kinds.add({ ...noLine, severityText, examples: [example()] })
    others.set(text, kind)
    return kind
  }
}

/** An exception is an error, unless the line that carries it says that it is worse, or only a warning. */
function ofError(severityText: SeverityText): SeverityText {
  return severityText === 'FATAL' || severityText === 'WARN' ? severityText : 'ERROR'
}

function exampleOf(source: LogSource, text: string, line: number): LogExample {
  return { file: source.name, line, text: shownText(text.slice(0, MAX_TEXT)), before: [], after: [] }
}

/** With the lines around it: those before are in the buffer, those after are added as they come. */
function withContext(source: LogSource, example: LogExample): LogExample {
  const before: string[] = []
  for (const start of new Set(source.before)) {
    const end = source.buffer.indexOf(10, start)
    if (end <= start || end >= source.lineStart) continue
    before.push(shownText(decodeLine(source, start, Math.min(end, start + MAX_CONTEXT))))
  }
  const after: string[] = []
  source.awaiting.push({ line: example.line, after })
  return { ...example, before, after }
}
