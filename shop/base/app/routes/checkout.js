import { isCartId, loadCart, priceLoadedCart } from '../carts.js'
import { orderMail } from '../mails.js'
import { cancelOrder, completeOrder, placeOrder } from '../orders.js'
import { presentTotals } from '../pricing.js'

export function checkoutRoutes(app, { database, payment, mail }) {
  app.post('/checkout', async (request, reply) => {
    const { cartId, card, accountId = null } = request.body ?? {}
    if (!isCartId(cartId) || typeof card !== 'string') {
      return reply.code(400).send({ error: 'expected a cart and a card' })
    }
    const cart = await loadCart(database, cartId)
    if (cart.items.length === 0) return reply.code(409).send({ error: 'the cart is empty' })
    const totals = await priceLoadedCart(database, cart)
    const orderId = await placeOrder(database, { cart, totals, accountId })
    if (orderId === null) return reply.code(409).send({ error: 'something in the cart is sold out' })
    const charged = await charge({ orderId, totals, card, items: cart.items })
    if (!charged.accepted) return reply.code(402).send({ error: 'the card was declined' })
    await completeOrder(database, { orderId, cartId, reference: charged.reference })
    mail.send(orderMail({ orderId, accountId, totals }))
    return reply.code(201).send({ orderId, ...presentTotals(totals) })
  })

  /** Pays an order that is placed; whatever goes wrong, the goods of an order that is not paid go back. */
  async function charge({ orderId, totals, card, items }) {
    try {
      const charged = await payment.charge({
        reference: `order-${orderId}`,
        card,
        amountCents: totals.total.cents,
        shippingCents: totals.shipping.cents,
        lines: totals.lines.map(({ productId, quantity, unitCents, discountCents }) => ({
          productId,
          quantity,
          unitCents,
          discountCents,
        })),
      })
      if (!charged.accepted) await cancelOrder(database, orderId, items)
      return charged
    } catch (error) {
      await cancelOrder(database, orderId, items)
      throw error
    }
  }
}
