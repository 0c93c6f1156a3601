import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import { isBlank, joinMessage, matchHead, stackFrame, type TraceLanguage } from './trace-language.ts'

const PLACE = String.raw`((?:[^\s:"'][^:"']*\.(?:rb|erb|ru|rake|haml|slim|builder|jbuilder|gemspec|thor)|\(eval[^)]*\)|\(irb\)|\(pry\)|-e|<internal:[^>]*>|[\w./-]*bin/[\w.-]+|[\w./-]*(?:Rakefile|Gemfile|Capfile)|<main>)):(\d+)`
const FRAME = new RegExp(
  String.raw`^\s*(?:\d+: )?(?:from )?${PLACE}(?::in [` + '`' + String.raw`'](.*)')?,?\s*$`,
)
const HEAD = new RegExp(String.raw`^\s*${PLACE}(?::in [` + '`' + String.raw`'](.*?)')?: (.*)$`)
const TYPE_AT_END = /^(.*?) ?\(((?:[A-Z]\w*(?:::)?)+)\)$/
const RAILS_HEAD = /^\s*((?:[A-Z]\w*(?:::)?)+) \((.*)\):?\s*$/
const REVERSED = /^Traceback \(most recent call last\):/
const LEVELS = /^\s*(?:\.\.\. \d+ levels\.\.\.|\s*\d+: \.\.\.)/
const CAUSES = /^\s*Causes?:\s*$/
const LOGGER = /^[A-Z], \[[^\]]*\] +[A-Z]+ -- [^:]*: /
const INSPECTED = /^#<((?:[A-Z]\w*(?:::)?)+): (.*)>$/

function parseFrame(line: string): StackFrame | null {
  const match = line.length < 4000 ? FRAME.exec(line) : null
  return match === null ? null : stackFrame(match[1] ?? null, match[2], match[3])
}

type Section = { type: string; readonly message: string[]; readonly frames: StackFrame[]; open: boolean }

/** `file.rb:12:in 'load': cannot load cart (CartError)`: the first frame and the exception in one line. */
function standardHead(line: string): Section | null {
  const match = line.length < 20_000 ? HEAD.exec(line) : null
  if (match === null) return null
  const rest = match[4] ?? ''
  const typed = TYPE_AT_END.exec(rest)
  if (typed === null && rest !== 'unhandled exception') return null
  const frame = stackFrame(match[1] ?? null, match[2], match[3])
  return { type: typed?.[2] ?? 'RuntimeError', message: [typed?.[1] ?? rest], frames: [frame], open: true }
}

/** Rails: `NoMethodError (undefined method …):`, with frames below; loggers: `msg (Type)`, `#<Type: msg>`. */
function looseHead(text: string): Section | null {
  const line = text.replace(LOGGER, '')
  const rails = RAILS_HEAD.exec(line) ?? INSPECTED.exec(line)
  if (rails) return { type: rails[1] ?? '', message: [rails[2] ?? ''], frames: [], open: true }
  const typed = TYPE_AT_END.exec(line.trim())
  if (typed) return { type: typed[2] ?? '', message: [typed[1] ?? ''], frames: [], open: true }
  const head = matchHead(line.trim())
  return head === null ? null : { type: head.type, message: [head.message], frames: [], open: true }
}

/** Without what `error_highlight` and `did_you_mean` add: the line of source with its carets, the suggestion. */
function ownMessage(lines: readonly string[]): string {
  const kept: string[] = []
  for (const [index, line] of lines.entries()) {
    if (/^\s*Did you mean\?/.test(line)) break
    const [next = '', afterNext = ''] = lines.slice(index + 1, index + 3)
    if (index > 0 && (isCarets(next) || (isBlank(line) && isCarets(afterNext)))) break
    kept.push(line)
  }
  return joinMessage(kept)
}

function isCarets(line: string): boolean {
  return /^\s*[~^]+\s*$/.test(line)
}

function sections(lines: readonly string[]): Section[] {
  const found: Section[] = []
  // Ruby 2.5 to 2.7 on a terminal prints the calls before the exception, the outermost first.
  let early: StackFrame[] = []
  for (const line of lines) {
    const current = found.at(-1)
    const standard = standardHead(line)
    const frame = standard === null ? parseFrame(line) : null
    if (standard) {
      standard.frames.push(...early.reverse())
      early = []
      found.push(standard)
    } else if (frame && /^\s*\d+: from /.test(line)) early.push(frame)
    else if (frame && current) {
      current.frames.push(frame)
      current.open = false
    } else if (current?.open === true) current.message.push(line)
    else if (!isBlank(line) && !CAUSES.test(line) && !REVERSED.test(line)) {
      const loose = looseHead(line)
      if (loose) found.push(loose)
    }
  }
  return found.filter((section) => section.frames.length > 0)
}

/** A thread that dies is reported by itself, and again where it is joined. */
function isRepeated(chain: readonly ExceptionLink[], index: number): boolean {
  const [link, before] = [chain[index], chain[index - 1]]
  return before !== undefined && JSON.stringify(link) === JSON.stringify(before)
}

/** Ruby's own printing in both orders, with causes; Rails, Sidekiq and Logger. */
export const ruby: TraceLanguage = {
  name: 'ruby',
  opens(line) {
    if (REVERSED.test(line)) return 'linked'
    return standardHead(line) === null ? null : 'message'
  },
  isFrame: (line) => parseFrame(line) !== null,
  isHead: (line) => line.length < 4000 && looseHead(line) !== null,
  follows(line, state) {
    if (parseFrame(line) !== null || LEVELS.test(line)) return 'frames'
    if (standardHead(line) !== null) return 'message'
    if (CAUSES.test(line)) return 'linked'
    if (/^\s*(?:Did you mean\?|\^+\s*$)/.test(line)) return state
    if (state === 'linked') return RAILS_HEAD.test(line) ? 'linked' : isBlank(line) ? 'maybe' : null
    if (RAILS_HEAD.test(line)) return null
    if (isBlank(line) || /^\s{2,}/.test(line) || state === 'message') return 'maybe'
    return null
  },
  parse(lines): ExceptionChain | null {
    const chain: ExceptionLink[] = sections(lines).map((section) => ({
      type: section.type,
      message: ownMessage(section.message),
      frames: section.frames,
    }))
    const distinct = chain.filter((_, index) => !isRepeated(chain, index))
    if (distinct.length === 0) return null
    return lines.some((line) => REVERSED.test(line)) ? distinct.reverse() : distinct
  },
}
