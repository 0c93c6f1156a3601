import { addToCart, loadCart, priceLoadedCart } from '../carts.js'
import { findCoupon, normaliseCode } from '../coupons.js'
import { presentTotals } from '../pricing.js'

export function cartRoutes(app, { database }) {
  app.get('/cart/:id', async (request) => showCart(database, request.params.id))

  app.post('/cart/:id/items', async (request, reply) => {
    const { productId, quantity = 1 } = request.body ?? {}
    if (!isCount(productId, 2 ** 31 - 1) || !isCount(quantity, 99)) {
      return reply.code(400).send({ error: 'expected a product and a quantity from 1 to 99' })
    }
    const outcome = await addToCart(database, request.params.id, { productId, quantity })
    if (outcome === 'unknown product') return reply.code(404).send({ error: outcome })
    if (outcome === 'sold out') return reply.code(409).send({ error: outcome })
    return reply.code(201).send({ outcome })
  })

  app.post('/cart/:id/coupon', async (request, reply) => {
    const code = normaliseCode(request.body?.code ?? '')
    const client = await database.connect()
    try {
      const coupon = await findCoupon(client, code)
      if (coupon === null) return reply.code(404).send({ error: 'this coupon is not known' })
      await client.query(
        `INSERT INTO carts (id, coupon_code) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET coupon_code = excluded.coupon_code`,
        [request.params.id, coupon.code],
      )
    } finally {
      client.release()
    }
    return showCart(database, request.params.id)
  })
}

async function showCart(database, cartId) {
  const cart = await loadCart(database, cartId)
  const totals = await priceLoadedCart(database, cart)
  return {
    id: cart.id,
    coupon: cart.couponCode,
    items: cart.items.map(({ productId, name, quantity }) => ({ productId, name, quantity })),
    ...presentTotals(totals),
  }
}

function isCount(value, max) {
  return Number.isInteger(value) && value >= 1 && value <= max
}
