/** Amounts in whole cents, so that nothing is lost in binary fractions. */
export function money(cents, currency = 'EUR') {
  if (!Number.isSafeInteger(cents)) throw new TypeError(`money: expected whole cents, found ${cents}`)
  return { cents, currency }
}

export function add(a, b) {
  return money(a.cents + same(a, b).cents, a.currency)
}

export function subtract(a, b) {
  return money(a.cents - same(a, b).cents, a.currency)
}

export function sum(amounts) {
  return amounts.reduce(add, money(0, amounts[0]?.currency))
}

export function multiply(amount, times) {
  return money(Math.round(amount.cents * times), amount.currency)
}

export function percentage(amount, percent) {
  return money(Math.trunc((amount.cents * percent) / 100), amount.currency)
}

/** Splits an amount by weights without losing a cent; the odd cents go to the first parts. */
export function allocate(amount, weights) {
  const whole = weights.reduce((total, weight) => total + weight, 0)
  const parts = weights.map((weight) => (whole === 0 ? 0 : Math.floor((amount.cents * weight) / whole)))
  let odd = amount.cents - parts.reduce((total, part) => total + part, 0)
  return parts.map((part) => {
    const one = odd > 0 ? 1 : 0
    odd -= one
    return money(part + one, amount.currency)
  })
}

/** `12.34 EUR` */
export function format(amount) {
  const cents = String(Math.abs(amount.cents)).padStart(3, '0')
  return `${amount.cents < 0 ? '-' : ''}${cents.slice(0, -2)}.${cents.slice(-2)} ${amount.currency}`
}

/** The amount of a text such as `12.34 EUR`. */
export function parse(text) {
  const [, sign, whole, cents, currency] = /^(-?)(\d+)\.(\d\d) ([A-Z]{3})$/.exec(text) ?? []
  if (currency === undefined)
    throw new TypeError(`money: expected an amount such as 12.34 EUR, found ${text}`)
  return money(Number(`${sign}${whole}${cents}`), currency)
}

function same(a, b) {
  if (a.currency !== b.currency) throw new TypeError(`money: ${a.currency} and ${b.currency} do not mix`)
  return b
}
