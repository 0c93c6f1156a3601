/** Why a charge cannot be right, or null: what is paid must be what the lines come to. */
export function checkCharge({ card, amountCents, shippingCents, lines }) {
  if (typeof card !== 'string' || !/^\d{12,19}$/.test(card)) return 'expected a card number'
  if (!Number.isSafeInteger(amountCents) || amountCents < 0)
    return `expected an amount in cents, found ${amountCents}`
  if (!Array.isArray(lines) || lines.length === 0) return 'expected the lines of the order'
  const expected = lines.reduce((cents, line) => cents + lineCents(line), shippingCents)
  if (expected !== amountCents) return `the amount is ${amountCents}, the lines come to ${expected}`
  return null
}

function lineCents({ quantity, unitCents, discountCents = 0 }) {
  return quantity * unitCents - discountCents
}
