import { expect, test } from 'vitest'
import { messageTokens, renderTokens } from './message-tokens.ts'
import { withoutQuoted } from './quoted-values.ts'

test.each([
  ["no room in 'big box' for it", "no room in '<*>' for it"],
  ["moved 'a' to 'b c', done", "moved '<*>' to '<*>', done"],
  ["icon 'Active' of 'it'", "icon 'Active' of '<*>'"],
  ["'Up': yes, 'Down': no of 'it'", "'Up': yes, 'Down': no of '<*>'"],
])('%s is without its quoted values %s', (message, expected) => {
  const soft = withoutQuoted(messageTokens(message))
  expect(soft && renderTokens(soft)).toBe(expected)
})

test.each([
  ['no quotes', 'nothing here'],
  ['a state', "it is 'closed' now"],
  ['a command', 'sent "GET it all" there'],
  ['the message itself', '"job is done" id=x'],
  ['an apostrophe', "don't do that"],
  ['too much', "said 'this is much too long to be the name of anything'"],
])('takes nothing out of %s', (_, message) => {
  expect(withoutQuoted(messageTokens(message))).toBeNull()
})
