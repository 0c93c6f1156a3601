import type { Cause } from './cause.ts'
import { observed, ofResource } from './cause.ts'

export const certificateExpired: Cause = {
  id: 'certificate-expired',
  title: 'A certificate has expired',
  symptoms: [
    'TLS handshakes fail from one moment on, for every call to a host',
    'The error says "expired" or "not yet valid"',
    'Nothing was released',
  ],
  investigation: [
    {
      what: 'Dates of the certificate',
      command:
        'openssl s_client -connect HOST:443 -servername HOST </dev/null 2>/dev/null | openssl x509 -noout -dates -subject -issuer',
    },
    { what: 'Is the clock of the caller right?', command: 'timedatectl' },
    {
      what: 'Did the renewal fail?',
      command: 'journalctl -u certbot -n 50; kubectl describe certificate NAME',
    },
  ],
  immediateFix: ['Renew the certificate of {resource} and reload the server', 'Never turn verification off'],
  permanentFix: ['Renew automatically at two thirds of the lifetime, and reload the server in the same step'],
  verify: ['openssl shows a date in the future, on every instance', 'Calls succeed with verification on'],
  prevention: [
    'An alert 21 days before any certificate expires, measured from outside',
    "An inventory of certificates, the internal ones and the clients' too",
    'A test of the renewal path in staging',
  ],
  chain: (context) => [
    'the certificate reached its last day',
    `TLS${ofResource(context, 'to')}`,
    observed(context, 'certificate-expired-error') ?? 'the handshake is refused',
    context.impact,
  ],
  summary: (context) =>
    `A TLS certificate${ofResource(context, 'of')} has expired. ${observed(context, 'certificate-expired-error') ?? context.impact}.`,
}
