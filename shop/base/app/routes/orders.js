import { findOrder } from '../orders.js'
import { presentPrice } from '../pricing.js'
import { asId } from '../ids.js'

export function orderRoutes(app, { database }) {
  app.get('/orders/:id', async (request, reply) => {
    const id = asId(request.params.id)
    const order = id === null ? null : await findOrder(database, id)
    if (order === null) return reply.code(404).send({ error: 'no such order' })
    const { totalCents, ...rest } = order
    return { ...rest, total: presentPrice(totalCents) }
  })
}
