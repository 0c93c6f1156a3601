export function healthRoutes(app, { database, config }) {
  const health = { status: 'ok', instance: config.instance, version: config.version }

  app.get('/health', async () => health)

  app.get('/ready', async (_request, reply) => {
    try {
      await database.query('SELECT 1')
      return { status: 'ready' }
    } catch (error) {
      return reply.code(503).send({ status: 'not ready', reason: error.message })
    }
  })
}
