import type { ExceptionLink, StackFrame } from '../telemetry/index.ts'
import type { SourceText } from './function-edits.ts'
import { functionAt } from './function-outline.ts'
import type { Symptoms } from './symptoms.ts'

/** A frame of a failing trace, found in the repository at the failing commit. */
export type LocatedFrame = {
  /** Path in the repository. */
  readonly file: string
  /** Null where the trace's line cannot be of this file (transpiled, another version). */
  readonly line: number | null
  /** The simple name, without class or package. */
  readonly function: string | null
  readonly owner: string | null
  /** First and last line of the function, where it was found. */
  readonly functionRange: readonly [number, number] | null
  /** The statement at the line, comments taken out; empty where there is none. */
  readonly statement: string
  /** 0 is the innermost of the application's own frames. */
  readonly depth: number
  /** Frames of one exception share a number. */
  readonly trace: number
  /** 0–1: how much of the failures this trace carries. */
  readonly worth: number
  /** 0–1: `worth`, less the further from the raise. */
  readonly weight: number
}

type Placed = Pick<LocatedFrame, 'file' | 'depth' | 'trace' | 'worth' | 'weight'> & {
  readonly frame: StackFrame
}

const MAX_FRAMES = 24
const LIBRARY =
  /(^|[\\/])(site-packages|dist-packages|node_modules|vendor|gems|\.cargo|\.m2|pkg\/mod|\.nuget)[\\/]|^(node:|internal\/|<)|[\\/]lib[\\/]python\d/

/** The frames of the failing traces whose files the repository has; the most telling first. */
export function placeFrames(symptoms: Symptoms, files: readonly string[]): Placed[] {
  const index = indexFiles(files)
  const placed = new Map<string, Placed>()
  const exceptions = symptoms.exceptions.toSorted(
    (a, b) => Number(b.isNew) - Number(a.isNew) || b.count - a.count,
  )
  const top = exceptions[0]
  let trace = 0
  for (const exception of exceptions.slice(0, 6)) {
    const share = top === undefined ? 1 : Math.sqrt(exception.count / Math.max(top.count, exception.count, 1))
    const worth = share * (exception.isNew || !top?.isNew ? 1 : 0.4)
    for (const link of exception.chain) placeLink({ link, worth, index, trace: trace++ }, placed)
  }
  return [...placed.values()].sort((a, b) => b.weight - a.weight).slice(0, MAX_FRAMES)
}

type Tracing = {
  readonly link: ExceptionLink
  readonly worth: number
  readonly index: FileIndex
  readonly trace: number
}

/** A frame that comes again (recursion) counts where it is innermost. */
function placeLink({ link, worth, index, trace }: Tracing, placed: Map<string, Placed>): void {
  const own = link.frames.some((frame) => frame.inApp)
    ? link.frames.filter((frame) => frame.inApp)
    : link.frames
  let depth = 0
  for (const frame of own) {
    const file = fileOfFrame(frame, index)
    if (file === null) continue
    const key = `${file}:${frame.line}:${frame.function}`
    const weight = worth / (1 + 0.5 * depth)
    const known = placed.get(key)
    if (known === undefined || known.weight < weight)
      placed.set(key, { frame, file, depth, trace, worth, weight })
    if (known === undefined) depth++
  }
}

type FileIndex = ReadonlyMap<string, readonly string[]>

function indexFiles(files: readonly string[]): FileIndex {
  const index = new Map<string, string[]>()
  for (const file of files) {
    const base = file.slice(file.lastIndexOf('/') + 1)
    const stem = base.replace(/\.\w+$/, '')
    for (const key of new Set([base, `${stem}.*`])) {
      const list = index.get(key) ?? []
      list.push(file)
      index.set(key, list)
    }
  }
  return index
}

/** The repository's file whose path ends most like the frame's; null where several do, or none. */
function fileOfFrame(frame: StackFrame, index: FileIndex): string | null {
  const words = frameWords(frame)
  if (frame.file !== null && frame.file !== '') {
    if (LIBRARY.test(frame.file)) return null
    const path = frame.file
      .replace(/^(?:file:|webpack[\w-]*:)\/\/\/?/, '')
      .replace(/[?#].*$/, '')
      .replaceAll('\\', '/')
    const base = path.slice(path.lastIndexOf('/') + 1)
    const exact = index.get(base)
    if (exact !== undefined) return bestMatch(exact, path, words)
    if (!/\.[cm]?jsx?$/.test(base)) return null
    const sources = index
      .get(`${base.replace(/\.[cm]?jsx?$/, '')}.*`)
      ?.filter((file) => /\.[cm]?tsx?$/.test(file))
    return sources === undefined ? null : bestMatch(sources, path, words)
  }
  // A trace without debug information names the class alone: Shop.Orders.OrderStore.Find.
  const className = words.at(-2)
  const named = className === undefined ? undefined : index.get(`${className}.*`)
  return named === undefined ? null : bestMatch(named, words.slice(0, -1).join('/'), words)
}

function frameWords(frame: StackFrame): string[] {
  return (frame.function ?? '')
    .replace(/\(.*$/, '')
    .split(/[.:#/$]+/)
    .filter(Boolean)
}

function bestMatch(candidates: readonly string[], path: string, words: readonly string[]): string | null {
  const wanted = path.split('/').filter(Boolean).reverse()
  let best: string[] = []
  let bestScore = -1
  for (const candidate of candidates) {
    const parts = candidate.split('/').reverse()
    let same = 1
    while (same < parts.length && parts[same] === wanted[same]) same++
    // A frame may name its package in the function: com.acme.orders.OrderStore.find.
    const named = parts.slice(1).filter((part) => words.includes(part)).length
    const score = same * 10 + named
    if (score > bestScore) [best, bestScore] = [[candidate], score]
    else if (score === bestScore) best.push(candidate)
  }
  // Of equals, the path that is the frame's whole tail wins: `app.py` at the root for `/srv/app.py`.
  const shortest = best.toSorted((a, b) => a.length - b.length)
  const [first, second] = shortest
  if (first === undefined) return null
  return second === undefined || first.split('/').length < second.split('/').length ? first : null
}

/** The place of a frame within its file's text at the failing commit. */
export function locateFrame(placed: Placed, source: SourceText | null): LocatedFrame {
  const { frame, ...place } = placed
  const { file } = place
  const name = simpleName(frame.function)
  if (source === null) {
    return { ...place, line: frame.line, function: name, owner: null, functionRange: null, statement: '' }
  }
  const line =
    frame.line !== null && frame.line <= source.lines.length && isSameLanguage(frame, file)
      ? frame.line
      : null
  const around = line === null ? null : functionAt(source.outline, line)
  const named = source.outline.filter((one) => one.name === name)
  const holding = named.find((one) => line !== null && one.from <= line && line <= one.to)
  const known = holding ?? named[0] ?? around
  const trusted = line !== null && (holding !== undefined || named.length === 0) ? line : null
  return {
    ...place,
    line: trusted,
    function: known?.name ?? name,
    owner: known?.owner ?? null,
    functionRange: known === null ? null : [known.from, known.to],
    statement: trusted === null ? '' : statementAt(source.lines, trusted),
  }
}

function isSameLanguage(frame: StackFrame, file: string): boolean {
  const extension = /\.\w+$/.exec(frame.file ?? '')?.[0]
  return extension === undefined || file.endsWith(extension)
}

/** `com.acme.OrderStore.find`, `(*Store).Find`, `Object.<anonymous>`, `async handler`, `OrderStore::find` → the last name. */
export function simpleName(full: string | null): string | null {
  const cleaned = (full ?? '')
    .replace(
      /<locals>|<anonymous>|<listcomp>|<genexpr>|<dictcomp>|<setcomp>|<lambda>|<module>|\[as [^\]]*\]/g,
      '',
    )
    .replace(/.*<(\w+)>[a-z]__.*/, '$1') // C#: state machines and lambdas carry their method's name
    .replace(/.*\blambda\$(\w+)\$\d+.*/, '$1') // Java
    .replace(/\((?!\*).*$/, '')
    .replace(/\.func\d+(?:\.\d+)*$|`\d+|\{\{.*$/g, '')
  const names = cleaned.match(/[A-Za-z_$][\w$]*[?!]?/g) ?? []
  return names.at(-1) ?? null
}

/** The line and what belongs to it: until its brackets are closed, at most eight lines. */
function statementAt(lines: readonly string[], line: number): string {
  let text = ''
  let open = 0
  for (let at = line - 1; at < Math.min(lines.length, line + 7); at++) {
    const one = lines[at] ?? ''
    text += `${one}\n`
    for (const character of one) {
      if ('([{'.includes(character)) open++
      else if (')]}'.includes(character)) open--
    }
    if (open <= 0 || /\{\s*$/.test(one)) break
  }
  return text.trim()
}

/**
 * The frames weighed anew: code that nobody touched within the range did not start to fail by itself, so what called it
 * moves up. A frame counts as far from the raise by the touched frames below it, and a little by the others.
 */
export function weighByChange(
  frames: readonly LocatedFrame[],
  isTouched: (frame: LocatedFrame) => boolean,
): LocatedFrame[] {
  const weighed: LocatedFrame[] = []
  for (const trace of Map.groupBy(frames, (frame) => frame.trace).values()) {
    let touched = 0
    let still = 0
    for (const frame of trace.toSorted((a, b) => a.depth - b.depth)) {
      weighed.push({ ...frame, weight: frame.worth / (1 + 0.5 * touched + 0.12 * still) })
      if (isTouched(frame)) touched++
      else still++
    }
  }
  return weighed.sort((a, b) => b.weight - a.weight)
}
