const PAGE_SIZE = 48

/** One page of the catalogue. Ids have no gaps, so a page is a range of them. */
export async function listProducts(database, page) {
  const { rows } = await database.query(
    `SELECT p.id, p.name, p.brand, d.name AS department, p.price_cents AS "priceCents"
       FROM products p
       JOIN departments d ON d.id = p.department_id
      WHERE p.id > $1
      ORDER BY p.id
      LIMIT $2`,
    [(page - 1) * PAGE_SIZE, PAGE_SIZE],
  )
  return rows
}

export async function findProduct(database, id) {
  const { rows } = await database.query(
    `SELECT p.id, p.name, p.brand, d.name AS department, p.price_cents AS "priceCents", p.description, p.stock
       FROM products p
       JOIN departments d ON d.id = p.department_id
      WHERE p.id = $1`,
    [id],
  )
  return rows[0] ?? null
}
