import { type MessageTokens } from './message-tokens.ts'
import { isStateOrSentence, PUNCTUATION, WORD } from './variable-place.ts'

/** Is `tokens` the same template with a value where one is missing? */
export function isFilledIn(lacking: MessageTokens, tokens: readonly string[]): boolean {
  const { missingAt } = lacking
  const value = tokens[missingAt] ?? ''
  if (PUNCTUATION.test(value) || isStateOrSentence(value)) return false
  const isSame = lacking.tokens.every((token, at) => token === tokens[at < missingAt ? at : at + 1])
  return isSame && lacking.tokens.filter((token) => WORD.test(token)).length >= 2
}
