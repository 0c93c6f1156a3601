import { randomUUID } from 'node:crypto'
import { findAccount } from '../accounts.js'
import { asId } from '../ids.js'
import { ordersOfAccount } from '../orders.js'
import { isPassword } from '../passwords.js'
import { presentPrice } from '../pricing.js'

export function accountRoutes(app, { database }) {
  app.post('/login', async (request, reply) => {
    const { email = '', password = '' } = request.body ?? {}
    const account = await findAccount(database, String(email).toLowerCase())
    if (account === null || !isPassword(password, account)) {
      return reply.code(401).send({ error: 'the e-mail address or the password is wrong' })
    }
    return { accountId: account.id, name: account.name, session: randomUUID() }
  })

  app.get('/accounts/:id/orders', async (request, reply) => {
    const id = asId(request.params.id)
    if (id === null) return reply.code(404).send({ error: 'no such account' })
    const orders = await ordersOfAccount(database, id)
    return {
      accountId: id,
      orders: orders.map(({ totalCents, ...order }) => ({ ...order, total: presentPrice(totalCents) })),
    }
  })
}
