import type { Change } from '../change.ts'
import { isFields, textAt, timeAt } from './json-fields.ts'
import type { JsonFields } from './json-fields.ts'
import { kindOfTask, shortened } from './change-words.ts'
import { header, idOfBody, jsonBody, refused } from './webhook.ts'
import type { WebhookContent, WebhookContext, WebhookRequest } from './webhook.ts'

const KINDS: readonly Change['kind'][] = [
  'deploy',
  'rollback',
  'config',
  'flag',
  'scale',
  'restart',
  'schema',
  'other',
]

const EXPECTED = `a change {"kind": ${KINDS.map((kind) => `"${kind}"`).join('|')}, "at"?, "service"?, "from"?, "to"?, "commit"?, "who"?, "summary"?, "id"?}, or a list of such`
const MOST_CHANGES = 1_000

/**
 * Changes as anybody can tell them: `{kind, at?, service?, from?, to?, commit?, who?, summary?, id?}`, one or a list.
 * A header `Idempotency-Key`, else `id`, else the body itself tells a second delivery from a second change.
 */
export function readChanges(request: WebhookRequest, context: WebhookContext): WebhookContent {
  const body = jsonBody(request, EXPECTED)
  if (!('ok' in body)) return body
  const told: readonly unknown[] = Array.isArray(body.value) ? body.value : [body.value]
  if (told.length === 0) return refused(EXPECTED, 'an empty list')
  const key = header(request, 'idempotency-key')
  const deliveryId = key === '' ? idOfBody('webhook', request) : `webhook:${key}`
  const items: Change[] = []
  for (const [index, one] of told.slice(0, MOST_CHANGES).entries()) {
    const change = changeOf(one, context)
    if (typeof change === 'string')
      return refused(EXPECTED, told.length > 1 ? `${change} (change ${index + 1})` : change)
    items.push({ ...change, id: change.id === '' ? `${deliveryId}:${index}` : `webhook:${change.id}` })
  }
  return { kind: 'batches', deliveryId, batches: [{ kind: 'changes', items }] }
}

/** As for telemetry: clocks differ by minutes; what is further ahead has not happened. */
const AHEAD_MS = 600_000

function changeOf(told: unknown, context: WebhookContext): Change | string {
  if (!isFields(told)) return `${told === null ? 'null' : typeof told} where a change should be`
  const kind = textAt(told, 'kind')
  if (kind === null)
    return `no "kind" among ${Object.keys(told).slice(0, 10).join(', ') || 'no fields at all'}`
  const known = KINDS.find((one) => one === kind.toLowerCase())
  if (known === undefined) return `the kind "${shortened(kind)}"`
  const at = timeAt(told, 'at')
  if (at === null && told['at'] !== undefined)
    return `"at": ${shortened(JSON.stringify(told['at']))}, which is no time`
  if (at !== null && at > context.now + AHEAD_MS)
    return `"at": ${shortened(JSON.stringify(told['at']))}, which is more than ten minutes ahead of our clock`
  return {
    at: at ?? context.now,
    kind: known,
    service: textAt(told, 'service'),
    from: textAt(told, 'from'),
    to: textAt(told, 'to', 'version'),
    commit: textAt(told, 'commit'),
    who: textAt(told, 'who'),
    summary: textAt(told, 'summary') ?? summaryOf(told, known),
    source: 'webhook',
    id: textAt(told, 'id') ?? '',
  }
}

function summaryOf(told: JsonFields, kind: Change['kind']): string {
  const from = textAt(told, 'from')
  const to = textAt(told, 'to', 'version', 'commit')
  const service = textAt(told, 'service')
  const parts = [kind, service === null ? '' : `of ${service}`, from === null ? '' : `from ${from}`]
  return shortened([...parts, to === null ? '' : `to ${to}`].filter((part) => part !== '').join(' '))
}

const ARGO_EXPECTED =
  'the body of the notification template in docs/sources.md: {"app", "phase", "revision", "finishedAt"?, "who"?, "message"?}'

/** Argo CD's notification, with the template of docs/sources.md. Operations that have ended; a sync is a deploy. */
export function readArgoCd(request: WebhookRequest, context: WebhookContext): WebhookContent {
  const body = jsonBody(request, ARGO_EXPECTED)
  if (!('ok' in body)) return body
  if (!isFields(body.value)) return refused(ARGO_EXPECTED, 'no JSON object')
  const fields = body.value
  const app = textAt(fields, 'app')
  const phase = textAt(fields, 'phase')
  const revision = textAt(fields, 'revision')
  if (app === null || phase === null)
    return refused(ARGO_EXPECTED, `the fields ${Object.keys(fields).slice(0, 10).join(', ')}`)
  if (!/^(?:succeeded|failed|error)$/i.test(phase))
    return { kind: 'nothing', reason: `the sync is only ${shortened(phase)}` }
  const at = timeAt(fields, 'finishedAt')
  const ending = /^succeeded$/i.test(phase) ? '' : `: ${phase.toLowerCase()}`
  // Notifications are sent again when Argo CD restarts: the operation, not the notice, has an identity.
  const deliveryId = `argocd:${app}:${revision ?? ''}:${at ?? idOfBody('body', request)}`
  const change: Change = {
    at: at ?? context.now,
    kind: kindOfTask(textAt(fields, 'kind') ?? 'deploy'),
    service: textAt(fields, 'service') ?? context.serviceOf(app) ?? app,
    from: textAt(fields, 'from'),
    to: revision,
    commit: revision !== null && /^[0-9a-f]{7,64}$/.test(revision) ? revision : null,
    who: textAt(fields, 'who'),
    summary: shortened(
      `${app} synced to ${revision ?? 'a revision'}${ending} ${textAt(fields, 'message') ?? ''}`,
    ),
    source: 'argocd',
    id: deliveryId,
  }
  return { kind: 'batches', deliveryId, batches: [{ kind: 'changes', items: [change] }] }
}
