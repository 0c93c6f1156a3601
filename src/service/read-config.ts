import { LineCounter, isMap, isNode, isScalar, parseDocument, visit, type Document } from 'yaml'
import type { z } from 'zod'
import { keysAt } from './config-keys.ts'
import { configSchema, type Config } from '../contract/config.ts'
import { issueInWords } from '../contract/issue-words.ts'
import { fillIn, type Surroundings } from './fill-in.ts'
import { nearestName } from '../nearest-name.ts'

export type ConfigProblem = {
  /** `sources.probes[0].every`; '' for the whole file. */
  readonly path: string
  /** 1-based; null where the file does not show the place. */
  readonly line: number | null
  readonly column: number | null
  readonly message: string
}

export type ReadConfig =
  | {
      readonly ok: true
      readonly config: Config
      /** Whether the file itself says it, and not the default: `isGiven('listen', 'port')`. */
      readonly isGiven: (...path: string[]) => boolean
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Reads firebreak.yaml; collects everything that is wrong with it, each with its line. '' is all defaults. */
export function readConfig(text: string, surroundings: Surroundings): ReadConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = placer(document, lines)
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos: [at], message }) => ({
      path: '',
      ...position(lines, at),
      message: `not YAML: ${message}`,
    }))
    return { ok: false, problems }
  }
  const missing = substitute(document, { surroundings, lines })
  if (missing.length > 0) return { ok: false, problems: missing }
  const raw = plain(document)
  if (raw instanceof Error) {
    return { ok: false, problems: [{ path: '', line: null, column: null, message: raw.message }] }
  }
  const parsed = configSchema.safeParse(raw, { error: issueInWords })
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error.issues, place) }
  return { ok: true, config: parsed.data, isGiven: (...path) => document.hasIn(path) }
}

/** Aliases that would unfold into very much are refused by the reader. */
function plain(document: Document): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

type Place = (path: readonly PropertyKey[], key?: string) => { line: number | null; column: number | null }

function placer(document: Document, lines: LineCounter): Place {
  return (path, key) => {
    const inside = path.length === 0 ? document.contents : document.getIn(path, true)
    if (key !== undefined && isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (isNode(pair?.key) && pair.key.range) return position(lines, pair.key.range[0])
    }
    if (isNode(inside) && inside.range) return position(lines, inside.range[0])
    // What is missing has no place of its own: show what it is missing in.
    return path.length === 0 ? { line: null, column: null } : placer(document, lines)(path.slice(0, -1))
  }
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

/** Puts in what the environment and files hold. */
function substitute(
  document: Document,
  { surroundings, lines }: { surroundings: Surroundings; lines: LineCounter },
): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      const filled = fillIn(node.value, surroundings)
      node.value = filled.text
      const at = node.range ? position(lines, node.range[0]) : { line: null, column: null }
      for (const what of filled.missing) {
        problems.push({ path: '', ...at, message: `expected ${what}, found none` })
      }
    },
  })
  return problems
}

type Issue = z.core.$ZodIssue

function problemsOf(issues: readonly Issue[], place: Place): readonly ConfigProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(issue.path, key, place))
    }
    if (issue.code === 'invalid_union') {
      const nearest = nearestBranch(issue.errors)
      if (nearest.length > 0) {
        const inside = nearest.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
        return problemsOf(inside, place)
      }
    }
    const message = `${issue.message}${meantRule(issue.path)}`
    return [{ path: pathInWords(issue.path), ...place(issue.path), message }]
  })
}

/** Of several shapes the one that was nearly hit: the complaint that is deepest inside, and the shortest list. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (branch: readonly Issue[]): number => Math.max(0, ...branch.map(({ path }) => path.length))
  const ranked = branches.toSorted((one, other) => depth(other) - depth(one) || one.length - other.length)
  return ranked[0] ?? []
}

function unknownKey(path: readonly PropertyKey[], key: string, place: Place): ConfigProblem {
  const known = keysAt(path)
  const near = nearestName(key, known)
  const meant = near === null ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`
  return { path: pathInWords([...path, key]), ...place(path, key), message: `unknown key "${key}"; ${meant}` }
}

/** A name that is no rule of ours is one of one's own, and needs a kind; most often a rule of ours was meant. */
function meantRule([top, name, key]: readonly PropertyKey[]): string {
  if (top !== 'rules' || key !== 'kind') return ''
  const known = keysAt(['rules'])
  const near = known.includes(String(name)) ? null : nearestName(String(name), known)
  return near === null ? '' : `; or did you mean the rule "${near}"?`
}

function pathInWords(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  )
}

/** `firebreak.yaml:12:3: sources.probs: unknown key …`, as compilers say it, so that editors jump there. */
export function problemInWords(file: string, { path, line, column, message }: ConfigProblem): string {
  const where = line === null ? file : `${file}:${line}:${column ?? 1}`
  return `${where}: ${path === '' ? '' : `${path}: `}${message}`
}
