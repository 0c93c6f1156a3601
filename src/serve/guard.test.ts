import { expect, test } from 'vitest'
import { refusalOf, type Knock } from './guard.ts'

const place = { host: '127.0.0.1', port: 4400, token: null, hosts: ['status.example.com'] }
const knock: Knock = {
  method: 'GET',
  path: '/api/v1/logs',
  host: '127.0.0.1:4400',
  origin: undefined,
  fetchSite: undefined,
  authorization: undefined,
  hasOwnSecret: false,
}

test.each<[string, Partial<Knock>, number | null]>([
  ['our address', {}, null],
  ['localhost', { host: 'localhost:4400' }, null],
  ['our address in IPv6', { host: '[::1]:4400' }, null],
  ['an address of another interface', { host: '192.168.1.7:4400' }, null],
  ['a name of the configuration', { host: 'status.example.com' }, null],
  ['a name that points here', { host: 'evil.example' }, 421],
  ['a name that looks like an address', { host: '127.0.0.1.evil.example' }, 421],
  ['no name', { host: undefined }, 421],
  ['a sender that is no browser', { method: 'POST' }, null],
  ['our own page', { method: 'POST', origin: 'http://127.0.0.1:4400', fetchSite: 'same-origin' }, null],
  ['a page of another site', { method: 'POST', origin: 'http://evil.example' }, 403],
  ['a page on another port of this machine', { method: 'POST', origin: 'http://127.0.0.1:8080' }, 403],
  ['a page in a sandbox', { method: 'POST', origin: 'null' }, 403],
  ['a form of another site without origin', { method: 'POST', fetchSite: 'cross-site' }, 403],
  ['a link on another site', { fetchSite: 'cross-site' }, null],
  ['another site that ends a silence', { method: 'DELETE', origin: 'http://evil.example' }, 403],
])('%s', (_who, change, status) => {
  expect(refusalOf({ ...knock, ...change }, place)?.status ?? null).toBe(status)
})

test.each([
  ['Bearer the-right-token-it-is', null],
  ['bearer the-right-token-it-is', null],
  [`Basic ${Buffer.from('anybody:the-right-token-it-is').toString('base64')}`, null],
  ['Bearer the-right-token-it-isn', 401],
  ['Bearer ', 401],
  ['the-right-token-it-is', 401],
  [`Basic ${Buffer.from('the-right-token-it-is').toString('base64')}`, 401],
  [undefined, 401],
])('with a token, %s is answered %s', (authorization, status) => {
  const withToken = { ...place, token: 'the-right-token-it-is' }
  expect(refusalOf({ ...knock, authorization }, withToken)?.status ?? null).toBe(status)
})
