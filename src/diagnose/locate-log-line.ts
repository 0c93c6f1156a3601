import type { Fingerprint } from '../telemetry/index.ts'
import { fileRole } from './file-role.ts'
import { languageOf } from './languages/all.ts'

export type LogPlace = { readonly file: string; readonly line: number }

type Files = {
  readonly readFile: (path: string) => Promise<string | null>
  readonly files: ReadonlySet<string>
}

const MOST_FILES = 400
/** Shorter texts stand in many places. */
const SHORTEST = 10

/**
 * The statement of the source that writes a line, found by the longest constant text of its template; null where no
 * place, or more than one, has it. It stands in for a stack trace where the program logs none.
 */
export async function locateLogLine(source: Files, fingerprint: Fingerprint): Promise<LogPlace | null> {
  const text = longestConstant(fingerprint.template)
  if (text === null) return null
  const candidates = [...source.files].filter(
    (path) => languageOf(path) !== null && fileRole(path) === 'source',
  )
  const places: LogPlace[] = []
  for (const file of candidates.slice(0, MOST_FILES)) {
    const lines = (await source.readFile(file))?.split('\n') ?? []
    const found = lines.flatMap((line, index) => (line.includes(text) ? [{ file, line: index + 1 }] : []))
    places.push(...found)
    if (places.length > 1) return null
  }
  return places[0] ?? null
}

function longestConstant(template: string): string | null {
  const parts = template
    .split(/<\*>|["'`\\]/)
    .map((part) => part.trim())
    .toSorted((a, b) => b.length - a.length)
  const [longest = ''] = parts
  return longest.length >= SHORTEST && /[a-z]{3}/i.test(longest) ? longest : null
}
