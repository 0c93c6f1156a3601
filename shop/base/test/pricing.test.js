import assert from 'node:assert/strict'
import { test } from 'node:test'
import { presentTotals, priceCart } from '../app/pricing.js'

const items = [
  { productId: 1, name: 'Lamp', quantity: 2, priceCents: 1999 },
  { productId: 2, name: 'Chair', quantity: 1, priceCents: 10_001 },
]

test('a cart costs what its lines cost, and shipping', () => {
  const totals = priceCart(items, { shippingCents: 390 })
  assert.equal(presentTotals(totals).total, '143.89 EUR')
})

test('a discount is spread over the lines without losing a cent', () => {
  const totals = priceCart(items, { coupon: { percent: 10 } })
  const spread = totals.lines.reduce((cents, line) => cents + line.discountCents, 0)
  assert.equal(spread, totals.discount.cents)
})

test('an empty cart costs nothing', () => {
  assert.equal(priceCart([]).total.cents, 0)
})
