import { dataFile, jsonFile } from '../json-file.js'
import { presentPrice } from '../pricing.js'

const readDepartments = jsonFile(dataFile('departments.json'))

export function homeRoutes(app, { database }) {
  app.get('/', async () => {
    const [departments, featured] = await Promise.all([readDepartments(), featuredProducts(database)])
    return {
      departments: departments.map((department) => department.name),
      featured: featured.map(({ id, name, priceCents }) => ({ id, name, price: presentPrice(priceCents) })),
    }
  })
}

async function featuredProducts(database) {
  const { rows } = await database.query(
    'SELECT id, name, price_cents AS "priceCents" FROM products WHERE featured ORDER BY id LIMIT 24',
  )
  return rows
}
