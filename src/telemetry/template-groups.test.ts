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
])('puts together %s', (_, messages, expected) => {
  expect(templatesOf(messages)).toEqual(expected)
})

test.each<[string, string[]]>([
  ['two states', ['connection opened', 'connection closed']],
  ['methods', ['"GET <*>" done', '"POST <*>" done', '"PUT <*>" done']],
  ['a sentence that goes on', ['user unknown', 'user blocked']],
  ['single words', ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota']],
  ['different lengths', ['disk full', 'disk full on <*> again']],
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
