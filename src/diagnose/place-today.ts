import type { ChangedHunk } from './commit-candidate.ts'
import type { CodeLocation } from './factor.ts'
import { readFunctions } from './functions.ts'

/** Lines shorter than this (`}`, `else:`) stand everywhere. */
const SHORTEST = 8

/**
 * Where a commit's change stands in the work tree now, and in which function: later commits have moved its lines. The
 * place as given where the file or the line is gone.
 */
export async function placeToday(
  readFile: (path: string) => Promise<string | null>,
  location: CodeLocation,
  hunk: ChangedHunk | null,
): Promise<CodeLocation> {
  const text = await readFile(location.file)
  if (text === null || location.line === null) return location
  const lines = text.split('\n').map((line) => line.trim())
  const line = hunk === null ? location.line : nearest(lines, hunk, location.line)
  const functions = await readFunctions(text, location.file)
  const inside = functions.filter(({ startLine, endLine }) => startLine <= line && line <= endLine)
  return { ...location, line, function: inside.at(-1)?.name ?? location.function }
}

function nearest(lines: readonly string[], hunk: ChangedHunk, line: number): number {
  for (const mark of ['+', '-', ' ']) {
    const wanted = hunk.lines
      .filter((one) => one.startsWith(mark))
      .map((one) => one.slice(1).trim())
      .find((one) => one.length >= SHORTEST && lines.includes(one))
    if (wanted === undefined) continue
    const places = lines.flatMap((one, index) => (one === wanted ? [index + 1] : []))
    return places.toSorted((a, b) => Math.abs(a - line) - Math.abs(b - line))[0] ?? line
  }
  return Math.min(line, Math.max(1, lines.length))
}
