/** The code of a coupon as it was typed. */
export function normaliseCode(code) {
  return String(code).trim().slice(0, 64)
}

/** The coupon of a code, or null where there is none or it has ended. */
export async function findCoupon(database, code) {
  const { rows } = await database.query(
    `SELECT code, percent, free_shipping AS "freeShipping"
       FROM coupons WHERE code = $1 AND ends_at > now()`,
    [code],
  )
  return rows[0] ?? null
}
