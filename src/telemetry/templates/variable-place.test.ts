import { expect, test } from 'vitest'
import { areVariable, isState, isVariable } from './variable-place.ts'

/** The place of `_` in a template. */
function placeIn(template: string, values: readonly string[], which = 0) {
  const tokens = template.split(' ')
  const position = [...tokens.keys()].filter((at) => tokens[at] === '_')[which] ?? -1
  return { tokens, position, values }
}

const none = new Set<string>()

test.each<[string, string, string[]]>([
  ['data by their form', 'read _ of the whole lot', ['a.b.c', 'a.b.d']],
  ['words known as names', 'drop _ now', ['ann', 'x.y']],
  ['a word for a name before them', 'login of user _', ['ann', 'bob']],
  ['quotes around them', 'cannot open " _ "', ['ann', 'bob']],
  ['a key before them', 'job is done kind = _', ['weekly', 'daily']],
  ['one being missing', 'owner is _', ['null', 'ann']],
  ['many of them', 'part _ here', ['a1', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg']],
  ['three, as much is the same', 'we have seen that it is for _ only', ['ann', 'bob', 'cleo']],
])('sees values: %s', (_, template, values) => {
  expect(isVariable(placeIn(template, values), new Set(['ann']))).toBe(true)
})

test.each<[string, string, string[]]>([
  ['two words', 'we have seen that the _ is now set to it', ['disk', 'clock']],
  ['states', 'we have seen that it is now _ again', ['opened', 'closed', 'locked']],
  ['names of constants', 'call of that with the flag _ did not work', ['SO_MARK', 'IP_TOS', 'SO_LINGER']],
  ['keys', 'for this one here the _ = <*>', ['size', 'date', 'owner']],
  ['functions', 'for this one here _ ( ) failed', ['open', 'seek', 'pipe']],
  ['too little around them', '_ = <*>', ['size', 'date', 'owner']],
])('sees words of the program: %s', (_, template, values) => {
  expect(isVariable(placeIn(template, values), none)).toBe(false)
})

test('two places are variable only together', () => {
  const template = 'please drop _ of _ at once'
  const of = (first: string[], second: string[]) =>
    areVariable(placeIn(template, first), placeIn(template, second, 1))
  expect(of(['web', 'api', 'db', 'mq'], ['ann', 'bob', 'cleo', 'dan'])).toBe(true)
  expect(of(['web', 'api', 'db', 'mq'], ['ann', 'ann', 'ann', 'ann'])).toBe(false)
  expect(of(['NEW', 'OLD', 'GONE', 'DONE'], ['ann', 'bob', 'cleo', 'dan'])).toBe(false)
})

test.each([
  ['Active', true],
  ['disabled', true],
  ['RUNNING', true],
  ['orders', false],
  ['ann', false],
])('%s is a state: %s', (value, expected) => {
  expect(isState(value)).toBe(expected)
})
