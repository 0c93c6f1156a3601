import { expect, test } from 'vitest'
import { messageTokens } from './message-tokens.ts'
import { isFilledIn } from './missing-word.ts'

test.each<[string, string, string, boolean]>([
  ['a name', 'no such user  from 10.0.0.1', 'no such user ann from 10.0.0.2', true],
  ['a masked value', 'no such user  from 10.0.0.1', 'no such user 7f0a91bc2d from 10.0.0.2', true],
  ['the last word', 'removed this part:', 'removed this part: blue', true],
  ['the value of a key', 'made it id= of ann', 'made it id=blue of ann', true],
  ['a key with blanks', 'made it id = of ann', 'made it id = blue of ann', false],
  ['a state', 'the user  was met', 'the user blocked was met', false],
  ['nothing missing', 'no such user from 10.0.0.1', 'no such user ann from 10.0.0.2', false],
  ['other words', 'no such user  from 10.0.0.1', 'no such host ann from 10.0.0.2', false],
  ['two sentences', 'it failed.  Trying again', 'it failed. ann Trying again', false],
  ['columns', 'size      of it', 'size ann of it', false],
  ['too few words', 'user  <*>', 'user ann <*>', false],
])('fills in %s', (...row) => {
  const [, lacking, filled, expected] = row
  expect(isFilledIn(messageTokens(lacking), messageTokens(filled).tokens)).toBe(expected)
})
