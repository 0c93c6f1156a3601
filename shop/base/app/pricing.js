import { add, allocate, format, money, multiply, percentage, subtract, sum } from '#money'

/**
 * What a cart costs. The discount of a coupon is spread over the lines, so that a line that is sent back is
 * refunded at what was paid for it.
 */
export function priceCart(items, { coupon = null, shippingCents = 0 } = {}) {
  const full = items.map((item) => multiply(money(item.priceCents), item.quantity))
  const subtotal = sum(full)
  const discount = discountOf(subtotal, coupon)
  const shares = allocate(
    discount,
    full.map((line) => line.cents),
  )
  const shipping = money(coupon?.freeShipping ? 0 : shippingCents)
  return {
    lines: items.map((item, index) => ({
      productId: item.productId,
      name: item.name,
      quantity: item.quantity,
      unitCents: item.priceCents,
      discountCents: shares[index].cents,
    })),
    subtotal,
    discount,
    shipping,
    total: add(subtract(subtotal, discount), shipping),
  }
}

function discountOf(subtotal, coupon) {
  return coupon === null ? money(0) : percentage(subtotal, coupon.percent)
}

/** The same for people to read. */
export function presentTotals(totals) {
  return {
    subtotal: format(totals.subtotal),
    discount: format(totals.discount),
    shipping: format(totals.shipping),
    total: format(totals.total),
  }
}

export function presentPrice(cents) {
  return format(money(cents))
}
