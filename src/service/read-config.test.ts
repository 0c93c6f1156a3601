import { expect, test } from 'vitest'
import { z } from 'zod'
import { fillIn } from './fill-in.ts'
import { configSchema } from '../contract/config.ts'
import { problemInWords, readConfig } from './read-config.ts'
import { showConfig } from './show-config.ts'

const surroundings = {
  variable: (name: string) => (name === 'SECRET' ? 'hunter2-hunter2-hunter2' : null),
  file: (path: string) => (path === '/run/secrets/token' ? 'from-a-file' : null),
}

function problemsOf(text: string): readonly string[] {
  const read = readConfig(text, surroundings)
  return read.ok ? [] : read.problems.map((problem) => problemInWords('f.yaml', problem))
}

function configOf(text: string) {
  const read = readConfig(text, surroundings)
  if (!read.ok) throw new Error(problemsOf(text).join('\n'))
  return read.config
}

test('without a file everything has a default', () => {
  const config = configOf('')
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 4400, token: null, hosts: [] })
  expect(config.sources.otlp.grpc.port).toBe(4317)
  expect(config.retention.traces).toBe(7 * 86_400_000)
  expect(Object.keys(config.rules)).toContain('error-rate')
})

test.each([
  ['free ports', 'listen: {port: 0}\nsources: {otlp: {http: {port: 0}, grpc: {port: 0}}}'],
  ['one that is off', 'listen: {port: 4317}\nsources: {otlp: {grpc: {enabled: false}}}'],
  ['the API and OTLP over HTTP, which it takes', 'listen: {port: 4318}'],
  ['other addresses', 'listen: {port: 4317, host: 127.0.0.2, token: 0123456789abcdef}'],
])('several listeners get along: %s', (_name, text) => {
  expect(problemsOf(text)).toEqual([])
})

test.each([
  ['nonsense: 1', 'f.yaml:1:1: nonsense: unknown key "nonsense"; known here: data, listen,'],
  ['listen:\n  prot: 4400', 'f.yaml:2:3: listen.prot: unknown key "prot"; did you mean "port"?'],
  [
    'sources:\n  probes:\n    - {name: a, evry: 3s, tcp: {host: h, port: 1}}',
    'f.yaml:3:17: sources.probes[0].evry: unknown key "evry"; did you mean "every"?',
  ],
  ['rules:\n  eror-rate: {above: 2%}', 'f.yaml:2:14: rules.eror-rate'],
  [
    'rules:\n  error-rate: {abve: 2%}',
    'f.yaml:2:16: rules.error-rate.abve: unknown key "abve"; did you mean "above"?',
  ],
  [
    'listen: {port: 4318}\nsources: {otlp: {http: {host: 0.0.0.0}}}',
    'sources.otlp.http.port: expected a port of its own, found 4318, which is that of listen.port',
  ],
  [
    'listen: {port: 4317}',
    'sources.otlp.grpc.port: expected a port of its own, found 4317, which is that of listen.port',
  ],
  [
    'sources:\n  otlp:\n    http: {port: 5000}\n    grpc: {port: 5000, host: 0.0.0.0}',
    'f.yaml:4:18: sources.otlp.grpc.port: expected a port of its own, found 5000, which is that of sources.otlp.http.port',
  ],
  ['listen: {port: 99999}', 'f.yaml:1:16: listen.port: expected at most 65535, found 99999'],
  ['rules:\n  eror-rate: {above: 2%}', 'or did you mean the rule "error-rate"?'],
  ['rules:\n  queue: {kind: treshold}', 'found "treshold"; did you mean "threshold"?'],
  [
    'sources: {probes: [{name: a, every: 0s, tcp: {host: h, port: 1}}]}',
    'f.yaml:1:37: sources.probes[0].every: expected a duration of 100ms or more',
  ],
  [
    'sources: {probes: [{name: a, http: {url: "http://x/", expect: {bodyMatches: "("}}}]}',
    'sources.probes[0].http.expect.bodyMatches: expected a regular expression',
  ],
  [
    'sources: {logs: [{paths: x, timeZone: Mars/Olympus}]}',
    'sources.logs[0].timeZone: expected a time zone such as UTC or Europe/Berlin',
  ],
  [
    'retention: {logs: 5}',
    'f.yaml:1:19: retention.logs: expected a duration such as 500ms, 30s, 15m or 7d, found 5',
  ],
  [
    'retention: {logs: soon}',
    'f.yaml:1:19: retention.logs: expected a duration such as 500ms, 30s, 15m or 7d, found "soon"',
  ],
  ['engine: {memory: 1000}', 'f.yaml:1:18: engine.memory: expected a size such as 512MB or 2GiB, found 1000'],
  [
    'services: {shop: {objective: 0.999}}',
    'f.yaml:1:30: services.shop.objective: expected a share such as 1% or 0.5%, found 0.999',
  ],
  [
    'sources: {probes: [{name: a}]}',
    'f.yaml:1:20: sources.probes[0]: expected exactly one of http, tcp, tls and dns',
  ],
  ['sources: {logs: [{service: a}]}', 'f.yaml:1:18: sources.logs[0].paths: '],
  [
    'sources: {databases: [{name: a, url: "http://x"}]}',
    'f.yaml:1:38: sources.databases[0].url: expected postgresql://',
  ],
  [
    'redaction: {patterns: [{pattern: "("}]}',
    'f.yaml:1:34: redaction.patterns[0].pattern: expected a regular expression',
  ],
  ['listen:\n  token: ${NOPE}', 'f.yaml:2:10: expected the environment variable NOPE, found none'],
  ['listen:\n  token: ${file:/nope}', 'f.yaml:2:10: expected a file /nope that can be read, found none'],
  [
    'sources:\n  probes:\n    - {name: a, tcp: {host: h, port: 1}}\n    - {name: a, tcp: {host: h, port: 2}}',
    'f.yaml:4:14: sources.probes[1].name: expected a name of its own, found "a" again',
  ],
  ['a: [', 'f.yaml:1:'],
  ['listen: {port: 1}\nlisten: {port: 2}', 'f.yaml:2:1: not YAML: Map keys must be unique'],
])('%j is refused where it is wrong', (text, expected) => {
  expect(problemsOf(text).join('\n')).toContain(expected)
})

test('all mistakes are named at once', () => {
  expect(problemsOf('nonsense: 1\nlisten: {port: -1, host: 5}\nretention: {logs: x}')).toHaveLength(4)
})

test('secrets come from the environment or from files, and are not shown', () => {
  const text = [
    'listen: {token: "${SECRET}"}',
    'sources:',
    '  webhooks: {gitlab: {token: "${file:/run/secrets/token}"}}',
    '  databases: [{name: a, url: "postgresql://u:${SECRET}@db/shop"}]',
    'redaction: {patterns: [{pattern: "$${x}"}]}',
  ].join('\n')
  const config = configOf(text)
  expect(config.listen.token).toBe('hunter2-hunter2-hunter2')
  expect(config.sources.webhooks.gitlab.token).toBe('from-a-file')
  expect(config.sources.databases[0]?.url).toBe('postgresql://u:hunter2-hunter2-hunter2@db/shop')
  expect(config.redaction.patterns[0]?.pattern).toBe('${x}')
  expect(showConfig(config)).not.toMatch(/hunter2|from-a-file/)
})

test.each([
  ['${NOPE:-else}', 'else'],
  ['a/${NOPE:-}/b', 'a//b'],
  ['${SECRET:-else}', 'hunter2-hunter2-hunter2'],
  ['${file:/lab.json#url}', 'postgresql://db'],
  ['${file:/${NOPE:-lab}.json#url}', 'postgresql://db'],
  ['${TRICK}', '${SECRET}'],
  ['$${SECRET}', '${SECRET}'],
  ['$SECRET and {x}', '$SECRET and {x}'],
])('%s stands for %s', (text, expected) => {
  const filled = fillIn(text, {
    variable: (name) => (name === 'TRICK' ? '${SECRET}' : surroundings.variable(name)),
    file: (path) => (path === '/lab.json' ? '{"url":"postgresql://db"}' : null),
  })
  expect(filled).toEqual({ text: expected, missing: [] })
})

test('what is shown reads back as the same configuration', () => {
  const config = configOf(
    'services: {shop: {objective: 99.95%, critical: [POST /checkout]}}\nretention: {logs: 36h}',
  )
  expect(configOf(showConfig(config))).toEqual(config)
  expect(z.encode(configSchema, config)).toMatchObject({ services: { shop: { objective: '99.95%' } } })
})

test('it is known what the file said itself', () => {
  const read = readConfig('sources: {otlp: {http: {port: 4318}}}', surroundings)
  expect(read.ok && read.isGiven('sources', 'otlp', 'http', 'port')).toBe(true)
  expect(read.ok && read.isGiven('sources', 'otlp', 'grpc', 'port')).toBe(false)
})

test('a file cannot grow by aliases', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) => pair.split(''))) {
    bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`)
  }
  expect(problemsOf(bomb.join('\n')).join('\n')).toContain('f.yaml')
})
