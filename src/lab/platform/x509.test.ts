import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { issueCertificate } from './x509.ts'

const DAY_MS = 86_400_000
const now = Date.UTC(2026, 10, 20)

function issue(notAfter: number) {
  const span = { notBefore: now - DAY_MS, notAfter: Date.UTC(2049, 0, 1) }
  const authority = issueCertificate({ commonName: 'Shop internal CA', names: [], ...span }, null)
  const server = issueCertificate(
    {
      commonName: 'payment',
      names: ['payment', 'localhost', '127.0.0.1'],
      notBefore: span.notBefore,
      notAfter,
    },
    { ...authority, commonName: 'Shop internal CA' },
  )
  return { authority, server }
}

test('a certificate is signed by its authority and names what it is for', () => {
  const { authority, server } = issue(now + 30 * DAY_MS)
  const read = new X509Certificate(server.certificate)
  const root = new X509Certificate(authority.certificate)
  expect(read.verify(root.publicKey)).toBe(true)
  expect(read.checkIssued(root)).toBe(true)
  expect(root.ca).toBe(true)
  expect(read.subjectAltName).toBe('DNS:payment, DNS:localhost, IP Address:127.0.0.1')
  expect(Date.parse(read.validTo)).toBe(now + 30 * DAY_MS)
})

test.each([
  ['a valid one is trusted', Date.UTC(2048, 0, 1), null],
  ['one that has run out is refused', Date.UTC(2020, 0, 1), 'CERT_HAS_EXPIRED'],
])('over TLS %s', async (_, notAfter, refusal) => {
  const { authority, server } = issue(notAfter)
  const listener = createServer({ cert: server.certificate, key: server.key }, (socket) =>
    socket.end('hello'),
  )
  listener.on('tlsClientError', () => {}) // the client's refusal, which the test looks at from the other side
  onTestFinished(() => void listener.close())
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const { port } = listener.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate })
  const outcome = await once(socket, 'secureConnect').then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  )
  socket.destroy()
  expect(outcome).toBe(refusal)
})
