/** Puts the goods aside and writes the order down, not yet paid. Null where something is sold out. */
export async function placeOrder(database, { cart, totals, accountId }) {
  return database.transaction(async (client) => {
    const ids = cart.items.map((item) => item.productId)
    // In one order for everybody, so that two customers with the same goods wait instead of blocking each other.
    const { rows: stock } = await client.query(
      'SELECT id, stock FROM products WHERE id = ANY($1) ORDER BY id FOR UPDATE',
      [ids],
    )
    const left = new Map(stock.map((row) => [row.id, row.stock]))
    if (cart.items.some((item) => (left.get(item.productId) ?? 0) < item.quantity)) return null
    await moveStock(client, cart.items, -1)
    const { rows } = await client.query(
      `INSERT INTO orders (account_id, status, subtotal_cents, discount_cents, shipping_cents, total_cents, coupon_code)
       VALUES ($1, 'placed', $2, $3, $4, $5, $6) RETURNING id`,
      [
        accountId,
        totals.subtotal.cents,
        totals.discount.cents,
        totals.shipping.cents,
        totals.total.cents,
        cart.couponCode,
      ],
    )
    await insertItems(client, rows[0].id, totals.lines)
    return rows[0].id
  })
}

async function insertItems(client, orderId, lines) {
  await client.query(
    `INSERT INTO order_items (order_id, product_id, quantity, unit_cents)
     SELECT $1, product_id, quantity, unit_cents
       FROM unnest($2::int[], $3::int[], $4::int[]) AS line (product_id, quantity, unit_cents)`,
    [
      orderId,
      lines.map((line) => line.productId),
      lines.map((line) => line.quantity),
      lines.map((line) => line.unitCents),
    ],
  )
}

async function moveStock(client, items, direction) {
  await client.query(
    `UPDATE products SET stock = stock + $3 * line.quantity
       FROM unnest($1::int[], $2::int[]) AS line (product_id, quantity)
      WHERE products.id = line.product_id`,
    [items.map((item) => item.productId), items.map((item) => item.quantity), direction],
  )
}

/** The order is paid: the cart has done its work. */
export async function completeOrder(database, { orderId, cartId, reference }) {
  await database.transaction(async (client) => {
    await client.query(`UPDATE orders SET status = 'paid', payment_reference = $2 WHERE id = $1`, [
      orderId,
      reference,
    ])
    await client.query('DELETE FROM cart_items WHERE cart_id = $1', [cartId])
    await client.query('UPDATE carts SET coupon_code = NULL WHERE id = $1', [cartId])
  })
}

/** The order was not paid: the goods go back to the shelf. */
export async function cancelOrder(database, orderId, items) {
  await database.transaction(async (client) => {
    await client.query(`UPDATE orders SET status = 'cancelled' WHERE id = $1`, [orderId])
    await moveStock(client, items, 1)
  })
}

export async function findOrder(database, orderId) {
  const { rows } = await database.query(
    `SELECT o.id, o.account_id AS "accountId", o.status, o.placed_at AS "placedAt", o.total_cents AS "totalCents",
            i.product_id AS "productId", i.quantity, i.unit_cents AS "unitCents", p.name
       FROM orders o
       LEFT JOIN order_items i ON i.order_id = o.id
       LEFT JOIN products p ON p.id = i.product_id
      WHERE o.id = $1`,
    [orderId],
  )
  if (rows.length === 0) return null
  const { id, accountId, status, placedAt, totalCents } = rows[0]
  return {
    id,
    accountId,
    status,
    placedAt,
    totalCents,
    items: rows.filter((row) => row.productId !== null).map(toItem),
  }
}

function toItem({ productId, name, quantity, unitCents }) {
  return { productId, name, quantity, unitCents }
}

/** The last orders of an account, newest first, each with its items: one statement, however many there are. */
export async function ordersOfAccount(database, accountId, limit = 20) {
  const { rows } = await database.query(
    `SELECT o.id, o.status, o.placed_at AS "placedAt", o.total_cents AS "totalCents",
            coalesce(json_agg(json_build_object('productId', i.product_id, 'quantity', i.quantity))
                     FILTER (WHERE i.order_id IS NOT NULL), '[]') AS items
       FROM (SELECT * FROM orders WHERE account_id = $1 ORDER BY placed_at DESC LIMIT $2) o
       LEFT JOIN order_items i ON i.order_id = o.id
      GROUP BY o.id, o.status, o.placed_at, o.total_cents
      ORDER BY o.placed_at DESC`,
    [accountId, limit],
  )
  return rows
}
