import { defineFault } from './fault.ts'
import type { Sign } from './signs.ts'

export const bot = defineFault({
  name: 'bot',
  kind: 'load',
  summary: 'A bot hammers one route',
  where: 'one route, drawn',
  mechanism:
    'One client asks for the same page again and again, beside the shoppers, without waiting for answers',
  symptoms: [
    'requests of one route rise, those of the others do not',
    'CPU of the app and the database rises',
    'all routes get slower',
  ],
  causes: ['traffic-surge', 'cpu-saturation'],
  levels: { mild: { perSecond: 60 }, normal: { perSecond: 400 }, hard: { perSecond: 1_200 } },
  async inject(system, { parameters: { perSecond }, chance, defer }) {
    const [path, route] = chance.pick([
      ['/search?q=a', 'GET /search'],
      ['/products?page=900', 'GET /products'],
      ['/products/17', 'GET /products/:id'],
    ])
    defer(() => system.shoppers.hammer(path, 0))
    await system.shoppers.hammer(path, perSecond)
    return {
      truth: [
        {
          chain: [
            'a bot found the shop',
            'balancer',
            `${perSecond} requests a second to ${route} alone`,
            'the instances and the database are busy with it, every route gets slower',
          ],
          service: null,
        },
      ],
      signs: { all: [routeRose(route, perSecond * 0.3)] },
    }
  },
})

/** Over the ten seconds that the figures are of. */
function routeRose(route: string, perSecond: number): Sign {
  return ({ before, now }) => {
    const was = before.routes.find((metrics) => metrics.route === route)?.requests ?? 0
    const is = now.routes.find((metrics) => metrics.route === route)?.requests ?? 0
    return { seen: is - was > perSecond * 10, says: `${is} requests in 10 s to ${route} (before ${was})` }
  }
}
