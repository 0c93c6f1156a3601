import { defineFault } from './fault.ts'
import { logged, routeFails } from './signs.ts'

export const certificateLapsed = defineFault({
  name: 'certificate-lapsed',
  kind: 'dependency',
  summary: 'The TLS certificate of the payment service has run out',
  where: 'the payment service',
  mechanism:
    'Payment serves a certificate whose validity ended a minute ago; the app checks it, as it should',
  symptoms: [
    'every checkout fails at once',
    'the log names the expired certificate',
    'payment itself is healthy',
  ],
  causes: ['certificate-expired'],
  levels: { normal: { expiredFor: '1 min' } },
  async inject(system, { defer }) {
    defer(() => system.certificates.payment.renew())
    await system.certificates.payment.expire()
    return {
      truth: [
        {
          chain: [
            'nobody renewed the certificate of payment',
            'payment',
            'the app refuses TLS connections to payment: the certificate has expired',
            'every checkout fails at once',
          ],
          service: 'payment',
        },
      ],
      signs: { all: [routeFails(/checkout/, 0.5), logged(/certificate has expired|CERT_HAS_EXPIRED/)] },
    }
  },
})
