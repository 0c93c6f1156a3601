import { expect, test } from 'vitest'
import { findHeaderColumns, messageOffset } from './header-columns.ts'

const MESSAGES = [
  'session closed',
  'cache: miss for key 7',
  'Failed to open /srv/a',
  '12 files were read',
  '[x] done',
  'GET / 200',
]
const two = (value: number) => String(value % 60).padStart(2, '0')

/** A log of forty lines whose header is made by `head`, and what is found in it. */
function messagesOf(head: (at: number) => string): { found: string[]; wanted: string[] } {
  const wanted = Array.from({ length: 40 }, (_, at) => MESSAGES[(at * 7) % MESSAGES.length] ?? '')
  const lines = wanted.map((message, at) => head(at) + message)
  const header = findHeaderColumns(lines)
  return { found: lines.map((line) => line.slice(messageOffset(line, header))), wanted }
}

test.each<[string, (at: number) => string]>([
  [
    'a supercomputer’s',
    (at) =>
      `- 11175${10000 + at} 2005.06.03 R0${at % 9}-M1 2005-06-03-15.42.${two(at)}.363779 R0${at % 9}-M1 RAS KERNEL ${at % 3 ? 'INFO' : 'FATAL'} `,
  ],
  [
    'a logger’s with a thread',
    (at) => `2015-10-18 18:01:${two(at)},978 INFO [Worker ${at % 5} of pool] org.acme.app.Part${at % 3}: `,
  ],
  [
    'a day and a clock without marks',
    (at) => `081109 2036${two(at)} ${100 + at} INFO dfs.Node$Part${at % 4}: `,
  ],
  ['a program’s name and a dash', (at) => `[07.26 13:30:${two(at)}] chrome.exe ${at % 2 ? '*64 ' : ''}- `],
  [
    'a dash after the level',
    (at) => `2015-07-29 17:41:${two(at)},747 - INFO  [Peer[id=${at}]/0.0.0.0:2181:Election@774] - `,
  ],
  ['bars', (at) => `20171223-22:15:29:${600 + at}|Step_LSC|30002312|`],
  [
    'a host and a program',
    (at) =>
      `- 11315${10000 + at} 2005.11.09 dn${at} Nov 9 12:01:${two(at)} dn${at}/dn${at} crond(pam_unix)[${at}]: `,
  ],
  [
    'a file name before the time',
    (at) => `nova.log.1 2017-05-16 00:00:${two(at)}.008 25746 INFO nova.part${at % 3} [req-${at} - - -] `,
  ],
])('finds %s header', (_, head) => {
  const { found, wanted } = messagesOf(head)
  expect(found).toEqual(wanted)
})

test('has none where lines begin with what they say', () => {
  expect(messagesOf(() => '')).toMatchObject({ found: messagesOf(() => '').wanted })
})

test.each([
  ['a label', (at: number) => `Retrying: attempt ${at}`],
  ['a word and a number', (at: number) => `order ${at} placed`],
  ['a number', (at: number) => `${at} files were read`],
  ['a request', (at: number) => `GET /x/${at} 200 31.2 ms - ${at}`],
  ['a time', (at: number) => `next run at 10:00:00 with ${at}`],
])('does not take %s for header, though every line begins with it', (_, message) => {
  const wanted = Array.from({ length: 40 }, (_, at) => message(at))
  const lines = wanted.map((text, at) => `2026-03-03 09:00:${two(at)},100 INFO ${text}`)
  const header = findHeaderColumns(lines)
  for (const line of lines) expect(messageOffset(line, header)).toBeLessThanOrEqual(line.indexOf('INFO') + 5)
})

test('needs more than a few lines to say so', () => {
  expect(findHeaderColumns(['2015-10-18 18:01:00 INFO a: b', '2015-10-18 18:01:01 INFO a: c']).count).toBe(0)
})

test('leaves a line alone that is not like the others', () => {
  const lines = Array.from(
    { length: 40 },
    (_, at) => `2015-10-18 18:01:${two(at)} INFO part${at % 3}: x${at}`,
  )
  expect(messageOffset('at com.acme.Cart.total(Cart.java:17)', findHeaderColumns(lines))).toBe(0)
})
