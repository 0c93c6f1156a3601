import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import { isBlank, joinMessage, stackFrame, type TraceLanguage } from './trace-language.ts'

const PANIC = /^\s*thread '(?:[^']*)' (?:\(\d+\) )?(?:has )?panicked at (.*)$/
const PANIC_ANYWHERE = /thread '(?:[^']*)' (?:\(\d+\) )?(?:has )?panicked at (.*)$/
const SITE = /^(\S.*?):(\d+):(\d+):?$/
const OLD_PANIC = /^'([\s\S]*)', (\S.*?):(\d+):(\d+)$/
const BACKTRACE = /^\s*[Ss]tack backtrace:\s*$/
const SYMBOL = /^\s*(\d+):\s+(?:0x[0-9a-f]+ - )?(\S.*)$/
const AT = /^\s+at (\S.*?):(\d+)(?::(\d+))?\s*$/
const NOTE =
  /^\s*(?:note: |fatal runtime error: |thread panicked while |thread caused non-unwinding panic|Location:|Backtrace omitted)/
const ERROR = /^Error: ?(.*)$/
const CAUSED_BY = /^Caused by:\s*$/
const HASH = /::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]/g

function framesOf(lines: readonly string[]): StackFrame[] {
  const start = lines.findIndex((line) => BACKTRACE.test(line))
  const frames: StackFrame[] = []
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    const at = AT.exec(line)
    const symbol = SYMBOL.exec(line)
    const last = frames.at(-1)
    if (at && last && last.file === null)
      frames[frames.length - 1] = stackFrame(at[1] ?? null, at[2], last.function)
    else if (at && last) frames.push(stackFrame(at[1] ?? null, at[2], last.function))
    else if (symbol) frames.push(stackFrame(null, null, symbol[2]?.replace(HASH, '')))
    else if (NOTE.test(line) || (frames.length > 0 && !isBlank(line) && !/^\s/.test(line))) break
  }
  return frames
}

function withSite(frames: StackFrame[], file: string | null, line: string | undefined): StackFrame[] {
  // Without a backtrace, or with one that has no places, the place of the panic is all there is to go by.
  if (file === null || frames.some((frame) => frame.file !== null)) return frames
  return [stackFrame(file, line, null), ...frames]
}

function parsePanic(lines: readonly string[], start: number): ExceptionLink {
  const text = PANIC_ANYWHERE.exec(lines[start] ?? '')?.[1] ?? ''
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => BACKTRACE.test(line) || NOTE.test(line) || PANIC.test(line))
  const message = rest.slice(0, end < 0 ? rest.length : end)
  const frames = framesOf(rest)
  const old = text.startsWith("'") ? OLD_PANIC.exec(joinMessage([text, ...message])) : null
  if (old) return { type: 'panic', message: old[1] ?? '', frames: withSite(frames, old[2] ?? null, old[3]) }
  const site = SITE.exec(text)
  if (site)
    return {
      type: 'panic',
      message: joinMessage(message),
      frames: withSite(frames, site[1] ?? null, site[2]),
    }
  return { type: 'panic', message: joinMessage([text, ...message]), frames }
}

/** anyhow and eyre: `Error: outer`, `Caused by:`, then one cause per line, numbered when there are several. */
function parseReport(lines: readonly string[], start: number): ExceptionChain | null {
  const caused = lines.findIndex((line, index) => index > start && CAUSED_BY.test(line))
  const stack = lines.findIndex((line, index) => index > start && BACKTRACE.test(line))
  if (caused < 0 && stack < 0) return null
  const end = stack < 0 ? lines.length : stack
  const head = [
    ERROR.exec(lines[start] ?? '')?.[1] ?? '',
    ...lines.slice(start + 1, caused < 0 ? end : caused),
  ]
  const causes: string[][] = []
  for (const line of caused < 0 ? [] : lines.slice(caused + 1, end)) {
    if (isBlank(line) || NOTE.test(line)) break
    const numbered = /^\s*\d+: (.*)$/.exec(line)
    if (numbered) causes.push([numbered[1] ?? ''])
    else if (causes.length === 0) causes.push([line.trim()])
    else causes.at(-1)?.push(line.trim())
  }
  const outer: ExceptionLink = { type: 'Error', message: joinMessage(head), frames: framesOf(lines) }
  return [outer, ...causes.map((cause) => ({ type: 'Error', message: joinMessage(cause), frames: [] }))]
}

/** Panics of every edition, with short, full or no backtrace; reports of anyhow and eyre. */
export const rust: TraceLanguage = {
  name: 'rust',
  opens: (line) => (PANIC.test(line) || BACKTRACE.test(line) || CAUSED_BY.test(line) ? 'message' : null),
  isFrame: (line) => AT.test(line) && /^\s{12,}at /.test(line),
  isHead: (line) => /^\s*\d+: /.test(line),
  follows(line, state) {
    if (BACKTRACE.test(line) || AT.test(line)) return 'frames'
    if (SYMBOL.test(line) && (state === 'frames' || /^\s+\d+: /.test(line))) return state
    if (NOTE.test(line)) return state === 'message' ? 'frames' : state
    if (CAUSED_BY.test(line)) return state
    return isBlank(line) || state === 'message' ? 'maybe' : null
  },
  parse(lines): ExceptionChain | null {
    const panic = lines.findIndex((line) => PANIC_ANYWHERE.test(line))
    if (panic >= 0) return [parsePanic(lines, panic)]
    const error = lines.findIndex((line) => ERROR.test(line))
    return error < 0 ? null : parseReport(lines, error)
  },
}
