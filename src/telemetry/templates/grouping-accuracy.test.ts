import { expect, test } from 'vitest'
import { createLogDigester } from '../lines/log-digester.ts'

/**
 * A log of invented statements whose true kinds are known: is each kind one fingerprint, whatever stands before the
 * message? `{…}` are holes; frequencies fall as those of real programs do.
 */
const STATEMENTS = [
  'Accepted connection from {address} ({count} now open)',
  'Closed connection from {address} after {time}',
  'Assigned partitions {list} of topic {name} to {host}',
  'Rebalancing group {name}: {count} members, generation {count}',
  'Renamed {path} to {path}',
  'Cannot open "{title}" for reading: Permission denied',
  'Cannot open "{title}" for writing: Permission denied',
  'State changed to OPEN',
  'State changed to CLOSED',
  'Session {id} of user {user} was ended',
  'Fetched {count} records from {url} in {time}',
  'lock_owner={user} mode={name} waited={time}',
  'Mail for {user} was handed over to {name} at last',
  'Compaction of level {count} took {time}, {size} freed',
  '{host}: no answer for {time}, giving up',
  'Token {hex} is not known here.',
  'Retry {count} of {count} for job {id}',
  'Owner of the lease is {maybe}',
  'Snapshot written',
  'Snapshot read',
  'Loaded plugin: {name}',
  'Election won by {host} with {count} votes',
]

const NAMES = ['orders', 'mail-out', 'audit_log', 'search', 'billing-eu', 'cache', 'events', 'users_v2']
const USERS = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida']
const TITLES = ['Nightly Backup', 'Old News', 'A Tale of Two', 'Report', 'My List', 'Radio Four']

/** Numbers that look like chance and are the same each time. */
function chances(): (below: number) => number {
  let state = 12_345
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
    return (state >>> 8) % below
  }
}

type Chance = ReturnType<typeof chances>

const pick = (below: Chance, from: readonly string[]): string => from[below(from.length)] ?? ''
const hex = (below: Chance): string => `a${below(0x7f_ff_ff).toString(16).padStart(6, '0')}9`

const HOLES: Record<string, (below: Chance) => string> = {
  address: (below) => `10.0.${below(256)}.${below(256)}:${1024 + below(60_000)}`,
  count: (below) => String([0, 1, -1, below(100), below(1_000_000)][below(5)]),
  time: (below) => pick(below, [`${below(900)}ms`, '1m0s', `${below(9)}.5s`, '2h5m0s', '30 seconds']),
  size: (below) => `${below(99)}.${below(9)} MB`,
  list: (below) => `[${Array.from({ length: below(4) }, () => pick(below, NAMES)).join(', ')}]`,
  name: (below) => pick(below, NAMES),
  user: (below) => pick(below, USERS),
  title: (below) => pick(below, TITLES),
  maybe: (below) => pick(below, ['null', ...USERS]),
  host: (below) => `node-${below(30)}.acme.org`,
  path: (below) => `/srv/${pick(below, NAMES)}/${below(99)}.dat`,
  url: (below) => `https://node${below(9)}:8443/${pick(below, NAMES)}?page=${below(9)}`,
  id: (below) => `${hex(below)}-${hex(below)}`,
  hex,
}

const two = (value: number): string => String(value).padStart(2, '0')
const clock = (at: number): string =>
  `${two(8 + Math.floor(at / 3600))}:${two(Math.floor(at / 60) % 60)}:${two(at % 60)}`

const HEADERS: [string, (at: number, kind: number) => string][] = [
  [
    'a logger with a thread',
    (at, kind) =>
      `2026-03-03 ${clock(at)},120 ${kind % 3 ? 'INFO ' : 'WARN '} [worker-${at % 5}] acme.core.Part${kind % 4}: `,
  ],
  ['syslog', (at, kind) => `Mar  3 ${clock(at)} web1 part${kind % 4}[${300 + at}]: `],
  [
    'a phone',
    (at, kind) =>
      `03-03 ${clock(at)}.120  1702 ${2000 + (at % 700)} ${kind % 3 ? 'D' : 'W'} Part${kind % 4}: `,
  ],
  ['bars', (at, kind) => `20260303-${clock(at)}:120|Part_${kind % 4}|30002312|`],
  ['a level in brackets', (at, kind) => `[Tue Mar 03 ${clock(at)} 2026] [${kind % 3 ? 'notice' : 'error'}] `],
  [
    'seconds',
    (at, kind) => `${1_772_500_000 + at} node-${at % 90} part.core Part${kind % 4} ${1_772_500_000 + at} 1 `,
  ],
  ['nothing', () => ''],
]

function groupingAccuracy(truth: readonly number[], found: readonly number[]): number {
  const sizes = new Map<string, number>()
  const add = (key: string) => sizes.set(key, (sizes.get(key) ?? 0) + 1)
  const keys = truth.map((kind, at) => [`t${kind}`, `f${found[at]}`, `b${kind} ${found[at]}`])
  for (const key of keys.flat()) add(key)
  const right = keys.filter((of) => new Set(of.map((key) => sizes.get(key))).size === 1)
  return right.length / truth.length
}

test.each(HEADERS)('finds the kinds of messages behind %s', (_, header) => {
  const below = chances()
  const truth: number[] = []
  const lines = Array.from({ length: 1500 }, (_line, at) => {
    const kind = Math.min(below(STATEMENTS.length), below(STATEMENTS.length))
    truth.push(kind)
    const message = (STATEMENTS[kind] ?? '').replace(
      /\{(\w+)\}/g,
      (_hole, name: string) => HOLES[name]?.(below) ?? '',
    )
    return header(at, kind) + message
  })
  const digester = createLogDigester({ now: Date.UTC(2026, 3, 1), withGroups: true })
  digester.write('log', Buffer.from(`${lines.join('\n')}\n`))
  digester.end('log')
  expect(groupingAccuracy(truth, digester.digest().groups ?? [])).toBeGreaterThanOrEqual(0.98)
})
