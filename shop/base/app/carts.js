import { findCoupon } from './coupons.js'
import { priceCart } from './pricing.js'

export function isCartId(id) {
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id)
}

/** The lines of a cart with what is on them; a cart that nobody has filled yet is empty. */
export async function loadCart(database, cartId) {
  const { rows } = await database.query(
    `SELECT i.product_id AS "productId", p.name, p.price_cents AS "priceCents", i.quantity,
            c.coupon_code AS "couponCode"
       FROM cart_items i
       JOIN products p ON p.id = i.product_id
       JOIN carts c ON c.id = i.cart_id
      WHERE i.cart_id = $1
      ORDER BY i.product_id`,
    [cartId],
  )
  return { id: cartId, items: rows, couponCode: rows[0]?.couponCode ?? null }
}

/** A cart and what it costs. */
export async function priceLoadedCart(database, cart) {
  const coupon = cart.couponCode === null ? null : await findCoupon(database, cart.couponCode)
  return priceCart(cart.items, { coupon, shippingCents: 490 })
}

export async function addToCart(database, cartId, { productId, quantity }) {
  return database.transaction(async (client) => {
    const { rows } = await client.query('SELECT stock FROM products WHERE id = $1', [productId])
    if (rows.length === 0) return 'unknown product'
    if (rows[0].stock < quantity) return 'sold out'
    await client.query('INSERT INTO carts (id) VALUES ($1) ON CONFLICT (id) DO NOTHING', [cartId])
    await client.query(
      `INSERT INTO cart_items (cart_id, product_id, quantity) VALUES ($1, $2, $3)
       ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = least(cart_items.quantity + excluded.quantity, 99)`,
      [cartId, productId, quantity],
    )
    return 'added'
  })
}
