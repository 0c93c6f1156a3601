import { defineFault } from './fault.ts'
import { preload } from './preload.ts'
import { logged, routeFails } from './signs.ts'

/** A token bucket in front of the service, as an API gateway has one for each customer. */
function quotaAgent(perMinute: number): string {
  return `import { Server } from 'node:https'

const { emit } = Server.prototype
const perMs = ${perMinute} / 60_000
let left = ${Math.ceil(perMinute / 10)}
let at = performance.now()

Server.prototype.emit = function (event, request, response, ...rest) {
  if (event !== 'request' || request.url !== '/charge') return emit.call(this, event, request, response, ...rest)
  const now = performance.now()
  left = Math.min(left + (now - at) * perMs, ${Math.ceil(perMinute / 10)})
  at = now
  if (left >= 1) {
    left -= 1
    return emit.call(this, event, request, response, ...rest)
  }
  request.resume()
  response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '60' })
  response.end('{"error":"too many requests: the quota of this account is used up"}')
  return true
}
`
}

export const paymentRateLimited = defineFault({
  name: 'payment-rate-limited',
  kind: 'dependency',
  summary: 'The payment service answers 429: it takes fewer charges than the shop sends',
  where: 'the payment service',
  mechanism:
    'Payment restarts with a quota of charges a minute in front of it; what is over it gets 429 and Retry-After',
  symptoms: ['checkouts over the quota fail', 'the log names status 429', 'it gets worse with more traffic'],
  causes: ['rate-limited'],
  levels: { mild: { perMinute: 300 }, normal: { perMinute: 60 }, hard: { perMinute: 6 } },
  async inject(system, { parameters: { perMinute }, defer }) {
    const code = quotaAgent(perMinute)
    defer(await preload(system, { name: 'quota-agent.mjs', code, processes: ['payment'] }))
    return {
      truth: [
        {
          chain: [
            'the payment provider lowered the quota of the account',
            'payment',
            `charges past ${perMinute} a minute are answered with 429`,
            'checkouts over the quota fail',
          ],
          service: 'payment',
        },
      ],
      signs: {
        isDisturbing: true,
        all: [routeFails(/checkout/, 0.05), logged(/answered 429/)],
      },
    }
  },
})
