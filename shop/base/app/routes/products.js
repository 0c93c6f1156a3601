import { asId } from '../ids.js'
import { findProduct, listProducts } from '../products.js'
import { presentPrice } from '../pricing.js'

const MAX_PAGE = 5000

export function productRoutes(app, { database }) {
  app.get('/products', async (request) => {
    const page = pageOf(request.query.page)
    const products = await listProducts(database, page)
    return { page, products: products.map(present) }
  })

  app.get('/products/:id', async (request, reply) => {
    const id = asId(request.params.id)
    const product = id === null ? null : await findProduct(database, id)
    if (product === null) return reply.code(404).send({ error: 'no such product' })
    const page = { ...present(product), description: product.description ?? '', inStock: product.stock > 0 }
    return page
  })
}

function pageOf(text) {
  const page = Number.parseInt(text ?? '1', 10)
  return Number.isInteger(page) && page >= 1 && page <= MAX_PAGE ? page : 1
}

function present({ id, name, brand, department, priceCents }) {
  return { id, name, brand, department, price: presentPrice(priceCents) }
}
