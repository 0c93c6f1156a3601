import { alignLines } from './line-alignment.ts'
import type { Alignment } from './line-alignment.ts'

/** Later commits may have put this many lines between the lines of a hunk, or before it. */
const SLACK = 30
const MARGIN = 3

/**
 * Where the lines of a hunk are in the current file, which later commits edited and shifted. Rare lines vote for their
 * offset; of two places as good as each other, the one nearer to where the hunk was wins.
 */
export function locateLines(
  hunk: readonly string[],
  current: readonly string[],
  expected: number,
): Alignment {
  const offset = bestOffset(hunk, current, expected)
  if (offset === null) return hunk.map(() => null)
  // As little around it as finds as many lines that stand in the file once, and a few lines more: a wider window has
  // more empty lines, braces and look-alikes to match by mistake.
  const places = placesOf(current)
  const matched = (alignment: Alignment): number =>
    alignment.filter((match, at) => match !== null && places.get((hunk[at] ?? '').trim())?.length === 1)
      .length
  const found = [0, 2, 5, 12, SLACK].map((slack) => ({
    slack,
    count: matched(within(hunk, current, { offset, slack })),
  }))
  const most = Math.max(...found.map(({ count }) => count))
  const { slack } = found.find(({ count }) => count === most) ?? { slack: 0 }
  return within(hunk, current, { offset, slack: slack + MARGIN })
}

function within(
  hunk: readonly string[],
  current: readonly string[],
  { offset, slack }: { readonly offset: number; readonly slack: number },
): Alignment {
  const from = Math.max(0, offset - slack)
  const window = current.slice(from, Math.max(from, offset + hunk.length + slack))
  return alignLines(hunk, window).map((match) =>
    match === null ? null : { ...match, index: match.index + from },
  )
}

/** Where each line stands, indentation aside. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const known = places.get(line.trim())
    if (known === undefined) places.set(line.trim(), [index])
    else known.push(index)
  }
  return places
}

function bestOffset(hunk: readonly string[], current: readonly string[], expected: number): number | null {
  const places = placesOf(current)
  const votes = new Map<number, number>()
  for (const [index, line] of hunk.entries()) {
    const found = /\w{2}/.test(line) ? (places.get(line.trim()) ?? []) : []
    for (const at of found) votes.set(at - index, (votes.get(at - index) ?? 0) + 1 / found.length)
  }
  let best: number | null = null
  let bestScore = 0
  for (const offset of votes.keys()) {
    const score = nearbyVotes(votes, offset) - Math.abs(offset - expected) / 1e6
    if (score <= bestScore) continue
    best = offset
    bestScore = score
  }
  return best
}

/** A line inserted inside the hunk moves the offset of what follows, so neighbours count too, the less the farther. */
function nearbyVotes(votes: ReadonlyMap<number, number>, offset: number): number {
  let sum = 0
  for (let distance = -SLACK; distance <= SLACK; distance += 1) {
    const near = votes.get(offset + distance) ?? 0
    sum += distance === 0 ? near : near / (2 + Math.abs(distance) / 2)
  }
  return sum
}
