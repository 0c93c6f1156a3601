import { fieldsAt, isFields, textAt, timeAt } from './json-fields.ts'
import type { JsonFields } from './json-fields.ts'
import { changesOf, commitOrNull, nothing, pushSummary, shortened } from './change-words.ts'
import { header, idOfBody, isSameSecret, jsonBody, refused, unauthorized } from './webhook.ts'
import type { WebhookContent, WebhookContext, WebhookRequest } from './webhook.ts'

const EXPECTED = 'the JSON of a GitLab webhook'

/**
 * GitLab's webhook (docs.gitlab.com/user/project/integrations/webhook_events): deployments that have ended, releases,
 * tags, pushes to the default branch. With a token, `X-Gitlab-Token` must be the same.
 */
export function readGitlab(
  request: WebhookRequest,
  context: WebhookContext & { readonly token?: string | undefined },
): WebhookContent {
  if (context.token !== undefined && !isSameSecret(header(request, 'x-gitlab-token'), context.token)) {
    return unauthorized(
      'the secret token that is configured for gitlab in X-Gitlab-Token; set the same one in the settings of the webhook',
    )
  }
  const body = jsonBody(request, EXPECTED)
  if (!('ok' in body)) return body
  if (!isFields(body.value)) return refused(EXPECTED, 'no JSON object')
  const fields = body.value
  // The event's UUID is the same for all hooks of one event, the key for all attempts of one delivery.
  const key = header(request, 'idempotency-key') || header(request, 'x-gitlab-event-uuid')
  const delivery = { fields, deliveryId: `gitlab:${key || idOfBody('body', request)}`, context }
  const kind = textAt(fields, 'object_kind', 'event_name') ?? ''
  if (kind === 'deployment') return deployment(delivery)
  if (kind === 'release') return release(delivery)
  if (kind === 'push') return push(delivery)
  if (kind === 'tag_push') return tagPush(delivery)
  if (kind === '')
    return refused(
      `${EXPECTED} with "object_kind"`,
      `the fields ${Object.keys(fields).slice(0, 10).join(', ')}`,
    )
  return nothing(`the event ${shortened(kind)} is not about a change of what runs`)
}

type Delivery = {
  readonly fields: JsonFields
  readonly deliveryId: string
  readonly context: WebhookContext
}

function deployment({ fields, deliveryId, context }: Delivery): WebhookContent {
  const status = textAt(fields, 'status') ?? ''
  if (!['success', 'failed', 'canceled'].includes(status))
    return nothing(`the deployment is only ${shortened(status)}`)
  const ref = textAt(fields, 'ref')
  const environment = textAt(fields, 'environment') ?? 'an environment'
  const commit = /\/commit\/([0-9a-f]{40,64})/.exec(textAt(fields, 'commit_url') ?? '')?.[1] ?? null
  const ending = status === 'success' ? '' : `: ${status}`
  return changesOf(deliveryId, {
    at: timeAt(fields, 'status_changed_at') ?? context.now,
    kind: 'deploy',
    service: serviceOf(fields, context),
    from: null,
    to: ref,
    commit: commit ?? textAt(fields, 'short_sha'),
    who: textAt(fieldsAt(fields, 'user'), 'username', 'name'),
    summary: `${projectOf(fields)}: ${shortened(ref ?? 'a version')} deployed to ${shortened(environment)}${ending}`,
    source: 'gitlab',
  })
}

function release({ fields, deliveryId, context }: Delivery): WebhookContent {
  if (fields['action'] !== 'create')
    return nothing(`the release was only changed (${String(fields['action'])})`)
  const tag = textAt(fields, 'tag')
  return changesOf(deliveryId, {
    at: timeAt(fields, 'released_at', 'created_at') ?? context.now,
    kind: 'deploy',
    service: serviceOf(fields, context),
    from: null,
    to: tag,
    commit: textAt(fieldsAt(fields, 'commit'), 'id'),
    who: textAt(fieldsAt(fieldsAt(fields, 'commit'), 'author'), 'name'),
    summary: `${projectOf(fields)}: release ${shortened(textAt(fields, 'name') ?? tag ?? '')} created`,
    source: 'gitlab',
  })
}

function push({ fields, deliveryId, context }: Delivery): WebhookContent {
  const branch = textAt(fieldsAt(fields, 'project'), 'default_branch')
  const ref = textAt(fields, 'ref') ?? ''
  if (branch === null || ref !== `refs/heads/${branch}`)
    return nothing(`${shortened(ref)} is not the default branch`)
  const after = commitOrNull(textAt(fields, 'after'))
  if (after === null) return nothing('the branch was deleted')
  const commits: readonly unknown[] = Array.isArray(fields['commits']) ? fields['commits'] : []
  const newest = commits.findLast(isFields) ?? {}
  const count = Number(fields['total_commits_count'] ?? commits.length)
  return changesOf(deliveryId, {
    at: context.now,
    kind: 'other',
    service: serviceOf(fields, context),
    from: commitOrNull(textAt(fields, 'before')),
    to: after,
    commit: after,
    who: textAt(fields, 'user_username', 'user_name'),
    summary: `${projectOf(fields)}: ${pushSummary(count, branch, textAt(newest, 'title', 'message'))}`,
    source: 'gitlab',
  })
}

function tagPush({ fields, deliveryId, context }: Delivery): WebhookContent {
  const after = commitOrNull(textAt(fields, 'after'))
  if (after === null) return nothing('the tag was deleted')
  const tag = (textAt(fields, 'ref') ?? '').replace(/^refs\/tags\//, '')
  return changesOf(deliveryId, {
    at: context.now,
    kind: 'deploy',
    service: serviceOf(fields, context),
    from: null,
    to: tag,
    commit: commitOrNull(textAt(fields, 'checkout_sha')) ?? after,
    who: textAt(fields, 'user_username', 'user_name'),
    summary: `${projectOf(fields)}: tag ${shortened(tag)}`,
    source: 'gitlab',
  })
}

function projectOf(fields: JsonFields): string {
  return shortened(textAt(fieldsAt(fields, 'project'), 'path_with_namespace', 'name') ?? 'a project')
}

function serviceOf(fields: JsonFields, context: WebhookContext): string | null {
  return context.serviceOf(textAt(fieldsAt(fields, 'project'), 'path_with_namespace') ?? '')
}
