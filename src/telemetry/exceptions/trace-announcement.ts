import { isErrorClass } from '../lines/line-kinds.ts'
import type { TraceLine } from './trace-block.ts'

/** What came before on a stream: lines that opened nothing, and the ordinary log line above them. */
type Before = { readonly recent: readonly TraceLine[]; readonly carrier: TraceLine | null }

const PYTHON = /^\s*Traceback \((?:most recent call last|innermost last)\):\s*$/

/** Lines that open a trace, and what may stand right above them as a part of it. */
const ANNOUNCED: readonly { readonly opens: RegExp; readonly by: RegExp }[] = [
  // Flask: `ERROR in app: Exception on /checkout [POST]`, with and without its header.
  { opens: PYTHON, by: /^(?:\[[^\]]*\] )?(?:ERROR in [\w.]+: )?Exception on \S.* \[[A-Z]+\]$/ },
  // anyhow and eyre: `Error: cannot start`, a blank line, `Caused by:`.
  { opens: /^(?:Caused by|Stack backtrace):\s*$/, by: /^Error: / },
  { opens: /^fatal error: stack overflow$/, by: /^runtime: goroutine stack exceeds / },
]

/**
 * The lines above one that opens a trace which belong to it: the log line that a trace without a header goes on with,
 * and lines that announce it though they are records of their own, as behind syslog.
 */
export function linesAbove(line: TraceLine, { recent, carrier }: Before): readonly TraceLine[] {
  const last = recent.findLastIndex((one) => !isBlank(one))
  const announcing = recent[last]
  const isAnnouncedHere = announcing !== undefined && announces(announcing, line)
  if (line.headed === true) {
    if (isAnnouncedHere) return recent.slice(last)
    const isCarried = last < 0 && carrier !== null && announces(carrier, line)
    return isCarried ? [carrier, ...recent] : []
  }
  const from = isAnnouncedHere ? last : last + 1
  const carriers = carriersOf({ recent, carrier }, from)
  return carriers.length === 0 && isAnnouncedHere ? recent.slice(from) : carriers
}

/** The log line above that a trace without a header belongs to, with the lines between, which begin at `from`. */
export function carriersOf({ recent, carrier }: Before, from: number): readonly TraceLine[] {
  const headed = recent.findLastIndex((line) => line.headed === true)
  if (headed >= 0) return recent.slice(headed)
  return carrier === null ? [] : [carrier, ...recent.slice(from)]
}

/** `logging.exception("payment failed")` behind syslog: an error, and right below it a traceback of the same writer. */
function announces(above: TraceLine, line: TraceLine): boolean {
  const { severityText = '' } = above
  if (isErrorClass({ severityText, exception: null }) && PYTHON.test(line.text)) return true
  return ANNOUNCED.some(({ opens, by }) => opens.test(line.text) && by.test(above.text))
}

/** Where the blank lines at the end of what came before begin. */
export function trailingBlanks(recent: readonly TraceLine[]): number {
  return recent.findLastIndex((one) => !isBlank(one)) + 1
}

function isBlank(line: TraceLine): boolean {
  return line.text.trim() === ''
}
