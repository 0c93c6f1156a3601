import { runInNewContext } from 'node:vm'

/** What an HTTP probe expects of an answer; what is left out is not looked at. */
export type HttpExpectation = {
  /** Any of these; below 400 where it is left out. Redirects are answers: they are not followed. */
  readonly status?: readonly number[] | undefined
  readonly bodyContains?: string | undefined
  /** A regular expression of JavaScript, searched in the first 64 kB, for at most a tenth of a second. */
  readonly bodyMatches?: string | undefined
  /** Names in any case; values as a whole. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly maxLatencyMs?: number | undefined
  /** Path (`checks.database[0].state`) → value. */
  readonly json?: Readonly<Record<string, string | number | boolean | null>> | undefined
}

/** An answer as a probe saw it. */
export type HttpAnswer = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The first 1 MB. */
  readonly body: string
  readonly durationMs: number
}

/** '' where the answer is as expected; else what was expected and what was found, of the first that differs. */
export function judgeAnswer(answer: HttpAnswer, expect: HttpExpectation): string {
  for (const judge of JUDGES) {
    const reason = judge(answer, expect)
    if (reason !== '') return reason
  }
  return ''
}

type Judge = (answer: HttpAnswer, expect: HttpExpectation) => string

/** In the order in which people would look: the status says most. */
const JUDGES: readonly Judge[] = [judgeStatus, judgeLatency, judgeHeaders, judgeText, judgePattern, judgeJson]

function judgeStatus({ status }: HttpAnswer, expect: HttpExpectation): string {
  const wanted = expect.status
  if (wanted === undefined) return status < 400 ? '' : `expected a status below 400, found ${status}`
  return wanted.includes(status) ? '' : `expected status ${wanted.join(' or ')}, found ${status}`
}

function judgeLatency({ durationMs }: HttpAnswer, { maxLatencyMs }: HttpExpectation): string {
  if (maxLatencyMs === undefined || durationMs <= maxLatencyMs) return ''
  return `expected an answer within ${maxLatencyMs} ms, found ${Math.round(durationMs)} ms`
}

function judgeHeaders({ headers }: HttpAnswer, expect: HttpExpectation): string {
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const found = headers[name.toLowerCase()]
    const text = typeof found === 'string' ? found : (found ?? []).join(', ')
    if (text !== wanted)
      return `expected the header ${name}: ${wanted}, found ${text === '' ? 'none' : shown(text)}`
  }
  return ''
}

function judgeText({ body }: HttpAnswer, { bodyContains }: HttpExpectation): string {
  if (bodyContains === undefined || body.includes(bodyContains)) return ''
  return `expected a body with "${shown(bodyContains)}", found ${sizeOf(body)}`
}

const MOST_SEARCHED = 64 * 1024
const LONGEST_SEARCH_MS = 100

function judgePattern({ body }: HttpAnswer, { bodyMatches }: HttpExpectation): string {
  if (bodyMatches === undefined) return ''
  const found = searchWithin(bodyMatches, body.slice(0, MOST_SEARCHED))
  if (found === 'found') return ''
  if (found === 'too-long')
    return `expected to search for /${shown(bodyMatches)}/ within ${LONGEST_SEARCH_MS} ms, found that it takes longer: simplify the expression`
  return `expected a body that matches /${shown(bodyMatches)}/, found ${sizeOf(body)}`
}

/** Some expressions take for ever on some texts: only a context of its own can be interrupted. */
function searchWithin(pattern: string, text: string): 'found' | 'not-found' | 'too-long' {
  try {
    const isFound: unknown = runInNewContext(
      'new RegExp(pattern).test(text)',
      { pattern, text },
      { timeout: LONGEST_SEARCH_MS },
    )
    return isFound === true ? 'found' : 'not-found'
  } catch {
    return 'too-long'
  }
}

function judgeJson({ body }: HttpAnswer, { json }: HttpExpectation): string {
  if (json === undefined) return ''
  let document: unknown
  try {
    document = JSON.parse(body)
  } catch {
    return `expected JSON, found ${sizeOf(body)} that are none`
  }
  for (const [path, wanted] of Object.entries(json)) {
    const found = valueAt(document, path)
    if (found !== wanted)
      return `expected ${path} to be ${JSON.stringify(wanted)}, found ${shown(JSON.stringify(found) ?? 'nothing')}`
  }
  return ''
}

/** The value at `a.b[0].c`, or undefined where the way there ends. `$.` before it does no harm. */
function valueAt(document: unknown, path: string): unknown {
  const keys = path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? []
  return keys.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    return (value as Readonly<Record<string, unknown>>)[key]
  }, document)
}

function sizeOf(body: string): string {
  return body === '' ? 'an empty body' : `${body.length} characters without it`
}

function shown(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
