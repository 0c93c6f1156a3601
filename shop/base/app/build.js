import Fastify from 'fastify'
import { logRequests } from '../log.js'
import { instrument } from '../telemetry.js'
import { accountRoutes } from './routes/accounts.js'
import { cartRoutes } from './routes/carts.js'
import { checkoutRoutes } from './routes/checkout.js'
import { healthRoutes } from './routes/health.js'
import { homeRoutes } from './routes/home.js'
import { orderRoutes } from './routes/orders.js'
import { productRoutes } from './routes/products.js'

/** The shop as an HTTP server that does not listen yet; `parts` are the database, the clients, the flags and the log. */
export function buildApp(parts) {
  const app = Fastify({ logger: false, forceCloseConnections: 'idle' })
  instrument(app)
  logRequests(app, parts.log)
  app.setErrorHandler((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) parts.log.error(`${request.method} ${request.url} failed`, error)
    reply.code(status).send({ error: status >= 500 ? 'something went wrong' : error.message })
  })

  homeRoutes(app, parts)
  productRoutes(app, parts)
  cartRoutes(app, parts)
  checkoutRoutes(app, parts)
  orderRoutes(app, parts)
  accountRoutes(app, parts)
  healthRoutes(app, parts)
  return app
}
