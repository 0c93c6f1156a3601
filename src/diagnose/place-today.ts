import type { ChangedHunk } from './commit-candidate.ts'
import type { CodeLocation } from './factor.ts'
import { readFunctions } from './functions.ts'

/** Lines shorter than this (`}`, `else:`) stand everywhere. */
const SHORTEST = 8

/**
 * Where a commit's change stands in the work tree now, and in which function: later commits have moved its lines. The
 * place as the commit had it where the file is gone.
 */
export async function placeToday(
  readFile: (path: string) => Promise<string | null>,
  hunk: ChangedHunk,
): Promise<CodeLocation> {
  const { file } = hunk
  const line = changedLine(hunk)
  const text = await readFile(file)
  if (text === null) return { file, line, function: null }
  const lines = text.split('\n').map((one) => one.trim())
  const today = nearest(lines, hunk, line)
  const functions = await readFunctions(text, file)
  const inside = functions.filter(({ startLine, endLine }) => startLine <= today && today <= endLine)
  return { file, line: today, function: inside.at(-1)?.name ?? null }
}

/** The first changed line of a hunk, which begins with unchanged ones. */
export function changedLine(hunk: ChangedHunk): number {
  const offset = hunk.lines.findIndex((line) => line.startsWith('+') || line.startsWith('-'))
  return Math.max(1, hunk.newStart + Math.max(0, offset))
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
