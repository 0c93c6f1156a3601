import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCharge } from '../payment/check-charge.js'

const card = '4111111111111111'
const lines = [{ productId: 1, quantity: 2, unitCents: 500, discountCents: 100 }]

test('what is paid is what the lines come to', () => {
  assert.equal(checkCharge({ card, amountCents: 1290, shippingCents: 390, lines }), null)
  assert.match(checkCharge({ card, amountCents: 1000, shippingCents: 390, lines }), /come to 1290/)
})

test('an order has lines', () => {
  assert.match(checkCharge({ card, amountCents: 0, shippingCents: 0, lines: [] }), /lines/)
})
