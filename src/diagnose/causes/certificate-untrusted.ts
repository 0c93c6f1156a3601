import type { Cause } from './cause.ts'
import { observed, ofResource, triggerOf } from './cause.ts'

export const certificateUntrusted: Cause = {
  id: 'certificate-untrusted',
  title: 'A certificate is not trusted',
  symptoms: [
    'TLS handshakes fail: self-signed, unknown authority, or a name that does not match',
    'It begins with a new certificate, a new host name, or a new base image',
  ],
  investigation: [
    {
      what: 'The chain that the server sends',
      command: 'openssl s_client -connect HOST:443 -servername HOST -showcerts </dev/null',
    },
    {
      what: 'Names in the certificate',
      command:
        'openssl s_client -connect HOST:443 -servername HOST </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName',
    },
    { what: 'Which authorities does the caller trust?', command: 'ls -l /etc/ssl/certs' },
  ],
  immediateFix: [
    'Install the full chain at {resource}, or the missing authority at the caller',
    'Take back the change of name, image or certificate',
  ],
  permanentFix: [
    "Ship the authorities with the program's image, from one place",
    'Never turn verification off',
  ],
  verify: ["openssl verify succeeds from the caller's image", 'Calls succeed with verification on'],
  prevention: [
    'A check from outside that builds the chain as a stranger would',
    'Test base-image changes against the real hosts',
  ],
  chain: (context) => [
    triggerOf(context, 'the certificate, its chain or the trusted authorities changed'),
    `TLS${ofResource(context, 'to')}`,
    observed(context, 'certificate-untrusted-error') ?? 'the handshake is refused',
    context.impact,
  ],
  summary: (context) =>
    `The TLS certificate${ofResource(context, 'of')} is not trusted. ${observed(context, 'certificate-untrusted-error') ?? context.impact}.`,
}
