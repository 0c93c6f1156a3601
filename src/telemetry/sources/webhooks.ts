import type { EpochMs } from '../../time.ts'
import type { Intake } from '../intake.ts'
import { ALERTMANAGER_EXPECTED, parseAlertmanager } from './alertmanager.ts'
import { readArgoCd, readChanges } from './change-generic.ts'
import { readGithub } from './change-github.ts'
import { readGitlab } from './change-gitlab.ts'
import { parseGenericAlerts } from './generic-alert.ts'
import { itemsIn } from './hand-over.ts'
import { parseUserReport } from './user-report.ts'
import { givenToken, idOfBody, isSameSecret, jsonBody, refused, unauthorized } from './webhook.ts'
import type { WebhookContent, WebhookContext, WebhookRequest } from './webhook.ts'

export type WebhookOptions = {
  /** GitHub signs with it; without one, whoever reaches the address is believed. */
  readonly github?: { readonly secret?: string | undefined }
  readonly gitlab?: { readonly token?: string | undefined }
  /** For all the others: as a bearer token, or as the password of Basic authentication. */
  readonly token?: string | undefined
  /** Repository (`acme/shop`) or Argo CD application → the service that it is. */
  readonly services?: Readonly<Record<string, string>> | undefined
}

/** How a delivery is answered. */
export type WebhookReply = {
  readonly status: 200 | 400 | 401 | 413 | 503
  readonly message: string
  /** How many things were kept. */
  readonly taken: number
  /** With 503: when the sender may come again. */
  readonly retryAfterSeconds: number | null
}

/** Takes deliveries of all the webhooks that there are. */
export type Webhooks = {
  /** Answers when what it says is stored, or was before; never throws for what was sent. */
  receive(name: WebhookName, request: WebhookRequest): Promise<WebhookReply>
}

type WebhookDeps = { readonly intake: Intake; readonly now: () => EpochMs }
type Read = (
  request: WebhookRequest,
  context: WebhookContext & { readonly options: WebhookOptions },
) => WebhookContent

const readers = {
  alertmanager: open(readAlertmanager),
  alerts: open(readAlerts),
  changes: open(readChanges),
  argocd: open(readArgoCd),
  reports: open(readReports),
  github: (request, context) => readGithub(request, { ...context, secret: context.options.github?.secret }),
  gitlab: (request, context) => readGitlab(request, { ...context, token: context.options.gitlab?.token }),
} as const satisfies Record<string, Read>

export type WebhookName = keyof typeof readers

/** The names of all webhooks: `POST /webhooks/<name>`. */
export const webhookNames = Object.keys(readers) as readonly WebhookName[]

/**
 * The webhooks by name: reads a delivery, hands what it says to intake, answers when that is safe. A delivery that
 * was stored before (by its id) is answered as if it were new and not taken again.
 */
export function createWebhooks({ intake, now }: WebhookDeps, options: WebhookOptions): Webhooks {
  const seen = createDeliveries()
  const services = new Map(Object.entries(options.services ?? {}))
  return {
    async receive(name, request) {
      const context = { now: now(), options, serviceOf: (key: string) => services.get(key) ?? null }
      const content = readers[name](request, context)
      if (content.kind === 'refused') return reply(content.status, content.reason)
      if (content.kind === 'nothing') return reply(200, content.reason)
      if (seen.has(content.deliveryId)) return reply(200, 'this delivery was taken before')
      const taken = await intake.take(content.batches)
      if (taken.kind === 'try-later') {
        const retryAfterSeconds = Math.max(1, Math.ceil(taken.afterMs / 1000))
        return { ...reply(503, taken.reason), retryAfterSeconds }
      }
      // Only now: a delivery that was not stored must be taken when it comes again.
      seen.add(content.deliveryId)
      return { ...reply(200, 'stored'), taken: itemsIn(content.batches) }
    },
  }
}

function reply(status: WebhookReply['status'], message: string): WebhookReply {
  return { status, message, taken: 0, retryAfterSeconds: null }
}

/** Asks for the token where one is configured. */
function open(read: (request: WebhookRequest, context: WebhookContext) => WebhookContent): Read {
  return (request, context) => {
    const { token } = context.options
    if (token === undefined || isSameSecret(givenToken(request), token)) return read(request, context)
    return unauthorized(
      'the token that is configured for webhooks, as "Authorization: Bearer …" or as the password of Basic authentication',
    )
  }
}

/** An Alertmanager repeats what goes on: each notice is taken, and the alerts in it have their own keys. */
function readAlertmanager(request: WebhookRequest, { now }: WebhookContext): WebhookContent {
  const body = jsonBody(request, ALERTMANAGER_EXPECTED)
  if (!('ok' in body)) return body
  const items = parseAlertmanager(body.value, now)
  if (items === null) return refused(ALERTMANAGER_EXPECTED, 'something else')
  if (items.length === 0) return { kind: 'nothing', reason: 'the notice has no alerts' }
  return { kind: 'batches', batches: [{ kind: 'alerts', items }], deliveryId: unique(request, now) }
}

function readAlerts(request: WebhookRequest, { now }: WebhookContext): WebhookContent {
  const body = jsonBody(request, 'an alert as JSON')
  if (!('ok' in body)) return body
  const parsed = parseGenericAlerts(body.value, now)
  if (parsed.ok) {
    return {
      kind: 'batches',
      batches: [{ kind: 'alerts', items: parsed.alerts }],
      deliveryId: unique(request, now),
    }
  }
  if (parsed.isFine) return { kind: 'nothing', reason: parsed.reason }
  return { kind: 'refused', status: 400, reason: parsed.reason }
}

/** Two people may say the same; one browser that sends twice within a second may not. */
function readReports(request: WebhookRequest, { now }: WebhookContext): WebhookContent {
  const body = jsonBody(request, 'a report as JSON')
  if (!('ok' in body)) return body
  const id = unique(request, now)
  const parsed = parseUserReport(body.value, { id, at: now, source: 'api' })
  if (!parsed.ok) return { kind: 'refused', status: 400, reason: parsed.reason }
  return { kind: 'batches', batches: [{ kind: 'reports', items: [parsed.report] }], deliveryId: id }
}

/** The same bytes within one second are one delivery: senders without ids send again at once or much later. */
function unique(request: WebhookRequest, now: EpochMs): string {
  return `${idOfBody('body', request)}:${Math.floor(now / 1000)}`
}

const MOST_REMEMBERED = 10_000

/** The ids of the deliveries that came last. */
function createDeliveries(): { has(id: string): boolean; add(id: string): void } {
  const ids = new Set<string>()
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id)
      const oldest = ids.size > MOST_REMEMBERED ? ids.values().next().value : undefined
      if (oldest !== undefined) ids.delete(oldest)
    },
  }
}
