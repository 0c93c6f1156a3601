import { defineFault } from './fault.ts'
import { logged, routeFails } from './signs.ts'

export const paymentNameLost = defineFault({
  name: 'payment-name-lost',
  kind: 'dependency',
  summary: 'The name of the payment service does not resolve any more',
  where: 'name resolution of the app',
  mechanism:
    'The app reaches payment by a name that no resolver knows (under .invalid, which RFC 2606 keeps free)',
  symptoms: ['every checkout fails', 'the log names a failed look-up (ENOTFOUND or EAI_AGAIN)'],
  causes: ['name-resolution', 'wrong-configuration'],
  levels: { normal: { name: 'payment.shop.invalid' } },
  async inject(system, { parameters: { name }, defer }) {
    const url = new URL(
      system.configuration.get('app')['PAYMENT_URL'] ?? `https://127.0.0.1:${system.wires.payment.port}`,
    )
    url.hostname = name
    defer(
      await system.configuration.set(
        'app',
        { PAYMENT_URL: url.href.replace(/\/$/, '') },
        { who: 'network team', gate: false },
      ),
    )
    return {
      truth: [
        {
          chain: [
            'payment moved to a name that is not in the name service',
            'shop',
            `look-ups of ${name} fail`,
            'every checkout fails',
          ],
          service: 'shop',
        },
      ],
      signs: { isDisturbing: true, all: [routeFails(/checkout/, 0.5), logged(/ENOTFOUND|EAI_AGAIN/)] },
    }
  },
})
