import { createServer as createHttpsServer } from 'node:https'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Server } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { issueCertificate } from '../../src/lab/platform/x509.ts'
import { startProbe } from '../../src/telemetry/index.ts'
import type { ProbeOptions, ProbeResult } from '../../src/telemetry/index.ts'
import { fakeIntake } from '../fake-intake.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()

const authority = {
  commonName: 'test authority',
  ...issueCertificate(
    { commonName: 'test authority', names: [], notBefore: NOW - DAY_MS, notAfter: NOW + 100 * DAY_MS },
    null,
  ),
}

/** An HTTPS server whose certificate ends so many days from now. */
async function httpsServer(
  days: number,
  names: readonly string[] = ['localhost', '127.0.0.1'],
): Promise<number> {
  const notAfter = NOW + days * DAY_MS
  const request = { commonName: 'shop', names, notBefore: NOW - 50 * DAY_MS, notAfter }
  const { certificate, key } = issueCertificate(request, authority)
  return listening(createHttpsServer({ cert: certificate, key }, (_, response) => response.end('ok')))
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function look(check: ProbeOptions['check']): Promise<{ result: ProbeResult; timeLeft: number | null }> {
  const intake = fakeIntake()
  const deps = { intake, now: () => NOW, random: () => 0, signal: new AbortController().signal }
  const source = startProbe(deps, { name: 'p', service: null, check })
  onTestFinished(() => source.stop())
  return vi.waitFor(() => {
    const [result] = intake.items('probes')
    if (result === undefined) throw new Error('no look yet')
    const left = intake.items('metrics').find(({ metric }) => metric.name === 'tlscheck.time_left')
    return { result, timeLeft: left?.kind === 'gauge' ? left.value : null }
  }, 8_000)
}

test.each([
  ['is good', 30, ['localhost', '127.0.0.1'], /^$/],
  ['ends soon', 5.5, ['localhost', '127.0.0.1'], /at least 14 days left, found 5 days/],
  ['has run out', -3.5, ['localhost', '127.0.0.1'], /ran out 3 days ago/],
  ['is of another name', 30, ['shop.example'], /can be trusted, found: .*(?:ALTNAME|does not match)/],
])('TLS: a certificate that %s', async (...[, days, names, reason]) => {
  const port = await httpsServer(days, names)
  const { result, timeLeft } = await look({ kind: 'tls', host: '127.0.0.1', port, ca: authority.certificate })
  expect(result.reason).toMatch(reason)
  expect(result.succeeded).toBe(result.reason === '')
  expect(result.expiresInSeconds).toBeCloseTo((days * DAY_MS) / 1000, -2)
  expect(timeLeft).toBe(result.expiresInSeconds)
})

test('TLS and HTTPS: an authority that nobody vouches for is not trusted, one’s own is', async () => {
  const port = await httpsServer(30)
  const strange = await look({ kind: 'tls', host: '127.0.0.1', port })
  expect(strange.result.reason).toMatch(/can be trusted, found: /)
  const url = `https://localhost:${port}/`
  expect((await look({ kind: 'http', url })).result.succeeded).toBe(false)
  const own = { kind: 'http', url, ca: authority.certificate, expect: { bodyContains: 'ok' } } as const
  expect((await look(own)).result).toMatchObject({ succeeded: true, reason: '' })
})

test('DNS: asks the name server that it is told to ask', async () => {
  const server = createSocket('udp4')
  server.on('message', (query, { port, address }) => {
    // The question back, with one answer: a pointer to its name, A, IN, 60 s, 4 bytes.
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7])
    const question = query.subarray(12, query.indexOf(0, 12) + 5)
    const header = Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])])
    server.send(Buffer.concat([header, question, answer]), port, address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const at = `127.0.0.1:${server.address().port}`
  const well = await look({ kind: 'dns', name: 'shop.example', server: at, expect: ['192.0.2.7'] })
  expect(well.result).toMatchObject({ succeeded: true, target: `shop.example A @${at}` })
  const other = await look({ kind: 'dns', name: 'shop.example', server: at, expect: ['192.0.2.8'] })
  expect(other.result.reason).toBe('expected shop.example to resolve to 192.0.2.8, found 192.0.2.7')
})
