import { defineFault } from './fault.ts'
import { logged, routeFails } from './signs.ts'

export const paymentRateLimited = defineFault({
  name: 'payment-rate-limited',
  kind: 'dependency',
  summary: 'The payment service answers 429: it takes fewer charges than the shop sends',
  where: 'the payment service',
  mechanism:
    'The limit on charges per minute that payment grants the shop is lowered; what is over it gets 429',
  symptoms: ['checkouts over the limit fail', 'the log names status 429', 'it gets worse with more traffic'],
  causes: ['rate-limited'],
  levels: { mild: { perMinute: 120 }, normal: { perMinute: 30 }, hard: { perMinute: 2 } },
  async inject(system, { parameters: { perMinute }, defer }) {
    defer(
      await system.configuration.set(
        'payment',
        { CHARGES_PER_MINUTE: String(perMinute) },
        { who: 'payment provider' },
      ),
    )
    return {
      truth: [
        {
          chain: [
            'the payment provider lowered the limit of the account',
            'payment',
            `charges past ${perMinute} a minute are answered with 429`,
            'checkouts over the limit fail',
          ],
          service: 'payment',
        },
      ],
      signs: { all: [routeFails(/checkout/, 0.05), logged(/\b429\b|rate.?limit|too many requests/i)] },
    }
  },
})
