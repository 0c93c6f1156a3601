import type { FastifyInstance } from 'fastify'
import type { Service } from '../service/index.ts'
import { webhookNames, type WebhookName } from '../telemetry/index.ts'

/** `POST /webhooks/<name>`: the raw body, for a signature counts every byte of it. */
export async function registerWebhooks(app: FastifyInstance, service: Service): Promise<void> {
  await app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers()
    hooks.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: unknown) => body)
    for (const name of webhookNames) registerOne(hooks, service, name)
  })
}

function registerOne(app: FastifyInstance, service: Service, name: WebhookName): void {
  app.post(`/webhooks/${name}`, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const { status, message, taken, retryAfterSeconds } = await service.webhook(name, {
      headers: request.headers,
      body,
    })
    if (retryAfterSeconds !== null) void reply.header('retry-after', String(retryAfterSeconds))
    return reply.code(status).send({ message, taken })
  })
}

/** Whether the configuration has a secret for this webhook; without one, the API's token is asked for. */
export function hasOwnSecret(path: string, { config }: Pick<Service, 'config'>): boolean {
  const [, name] = /^\/webhooks\/([a-z]+)$/.exec(path) ?? []
  if (name === undefined) return false
  const { token, github, gitlab } = config().sources.webhooks
  const secret = name === 'github' ? github.secret : name === 'gitlab' ? gitlab.token : token
  return secret !== null
}
