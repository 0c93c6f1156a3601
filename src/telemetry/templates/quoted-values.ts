import { ANY, type MessageTokens } from './message-tokens.ts'
import { isState } from './variable-place.ts'

const MAX_QUOTED = 6

/** The template with everything in quotes taken for values, but states and commands; null where nothing is in quotes. */
export function withoutQuoted({ tokens, gaps }: MessageTokens): MessageTokens | null {
  const softTokens: string[] = []
  const softGaps: boolean[] = []
  let found = false
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    softTokens.push(token)
    softGaps.push(gaps[at] ?? false)
    const end = QUOTE.test(token) ? tokens.indexOf(token, at + 1) : -1
    const inside = tokens.slice(at + 1, end)
    if (end < at + 2 || inside.length > MAX_QUOTED) continue
    // A line that begins in quotes begins with what it says.
    const isValue = at > 0 && isLoose(inside)
    found ||= isValue
    softTokens.push(...(isValue ? [ANY] : inside), token)
    softGaps.push(...(isValue ? [false] : gaps.slice(at + 1, end)), gaps[end] ?? false)
    at = end
  }
  return found ? { tokens: softTokens, gaps: softGaps, missingAt: -1 } : null
}

const QUOTE = /^["']$/

function isLoose(inside: readonly string[]): boolean {
  return inside.every((token) => !isState(token) || inside.length > 1) && !/^[A-Z]{2,}$/.test(inside[0] ?? '')
}
