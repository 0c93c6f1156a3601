import { expect, test } from 'vitest'
import { messageTokens, renderTokens } from './message-tokens.ts'
import { groupShapes } from './template-groups.ts'

function templatesOf(messages: readonly string[]): string[] {
  const { templates } = groupShapes(messages.map((message) => ({ ...messageTokens(message), count: 1 })))
  return templates.map(renderTokens)
}

const NAMES = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon']

test.each<[string, string[], string[]]>([
  ['numbers', ['took 5 ms', 'took 9 ms'], ['took <*>']],
  ['many words in one place', NAMES.map((name) => `mail for ${name} was sent`), ['mail for <*> was sent']],
  [
    'a name after the word for it',
    ['session opened for user ann', 'session opened for user bob'],
    ['session opened for user <*>'],
  ],
  ['values of a key', ['state=open x', 'state=shut x', 'state=ajar x'], ['state=<*> x']],
  [
    'words known as names from elsewhere',
    [...NAMES.map((name) => `mail for ${name} was sent`), 'drop ann now please', 'drop bob now please'],
    ['mail for <*> was sent', 'drop <*> now please'],
  ],
  [
    'words that stand where values do',
    ['limit set to 5', 'limit set to 7', 'limit set to unlimited', 'limit set to default'],
    ['limit set to <*>'],
  ],
  [
    'many dotted names',
    ['a.b.C', 'a.b.D', 'a.c.E', 'a.c.F', 'a.d.G', 'a.d.H'].map((name) => `load ${name} into ${name}x`),
    ['load <*> into <*>'],
  ],
  [
    'names in two places at once',
    ['drop web of ann', 'drop api of bob', 'drop db of cleo', 'drop mq of dan'].map(
      (text) => `please ${text} at once`,
    ),
    ['please drop <*> of <*> at once'],
  ],
  [
    'quoted values of several words',
    ["cannot find 'big list' in 'box'", "cannot find 'list' in 'upper box'"],
    ["cannot find '<*>' in '<*>'"],
  ],
  ['a value that is missing', ['owner of part is ann', 'owner of part is null'], ['owner of part is <*>']],
  [
    'lists of any length, and none',
    ['members of it are [ann]', 'members of it are [bob, cleo]', 'members of it are []'],
    ['members of it are [<*>]'],
  ],
  [
    'three values where much is the same',
    ['ann', 'bob', 'cleo'].map((name) => `the mail that came for ${name} was not read`),
    ['the mail that came for <*> was not read'],
  ],
])('puts together %s', (_, messages, expected) => {
  expect(templatesOf(messages)).toEqual(expected)
})

test.each<[string, string[]]>([
  ['two states', ['connection opened', 'connection closed']],
  ['methods', ['"GET <*>" done', '"POST <*>" done', '"PUT <*>" done']],
  ['a sentence that goes on', ['user unknown', 'user blocked']],
  ['single words', ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota']],
  ['different lengths', ['disk full', 'disk full on <*> again']],
  [
    'what was done to one thing',
    ['took <*> seconds to spawn the instance here', 'took <*> seconds to destroy the instance here'],
  ],
  ['quoted states', ["icon is now in state 'Active'", "icon is now in state 'Inactive'"]],
  [
    'keys',
    ['the size of it: 5', 'the date of it: 5', 'the owner of it: 5'].map((text) =>
      text.replace(' of it', ''),
    ),
  ],
  ['functions', ['open() failed: no', 'read() failed: no', 'seek() failed: no']],
  ['messages in quotes with fields', ['"job is done" id=<*>', '"job was lost" id=<*>']],
  [
    'states in two places',
    ['from NEW to OLD it went', 'from OLD to GONE it went', 'from GONE to NEW it went'],
  ],
])('keeps apart %s', (_, messages) => {
  expect(templatesOf(messages)).toHaveLength(messages.length)
})

test('gives a rare longer value to the frequent template that it fits', () => {
  const { templates } = groupShapes([
    { ...messageTokens('synchronized to 10.0.0.1, stratum 3'), count: 20 },
    { ...messageTokens('synchronized to LOCAL(0), stratum 10'), count: 1 },
  ])
  expect(templates.map(renderTokens)).toEqual(['synchronized to <*>, stratum <*>'])
})

test('does not depend on how many shapes there are', () => {
  const messages = Array.from(
    { length: 20_000 },
    (_, at) => `user ${NAMES[at % 10]}${String.fromCharCode(97 + (at % 26))}${'xyz'[at % 3]} left room ${at}`,
  )
  const started = performance.now()
  expect(templatesOf(messages)).toEqual(['user <*> left room <*>'])
  expect(performance.now() - started).toBeLessThan(5000)
})
