import type { Change } from '../change.ts'
import { fieldsAt, isFields, textAt, timeAt } from './json-fields.ts'
import type { JsonFields } from './json-fields.ts'
import { changesOf, commitOrNull, kindOfTask, nothing, pushSummary, shortened } from './change-words.ts'
import { header, idOfBody, isSignedBy, jsonBody, refused, unauthorized } from './webhook.ts'
import type { WebhookContent, WebhookContext, WebhookRequest } from './webhook.ts'

const EXPECTED = 'the JSON of a GitHub webhook (content type application/json)'

/**
 * GitHub's webhook (docs.github.com/webhooks/webhook-events-and-payloads): `deployment_status` that is final, published
 * releases, pushes to the default branch. With a secret, `X-Hub-Signature-256` must be right.
 */
export function readGithub(
  request: WebhookRequest,
  context: WebhookContext & { readonly secret?: string | undefined },
): WebhookContent {
  if (context.secret !== undefined) {
    const signature = header(request, 'x-hub-signature-256')
    if (!isSignedBy(request, signature, context.secret)) return unauthorized(SIGNATURE_EXPECTED)
  }
  const body = jsonBody(request, EXPECTED)
  if (!('ok' in body)) return body
  if (!isFields(body.value)) return refused(EXPECTED, 'no JSON object')
  const deliveryId = `github:${header(request, 'x-github-delivery') || idOfBody('body', request)}`
  const event = header(request, 'x-github-event')
  const delivery = { fields: body.value, deliveryId, context }
  if (event === 'deployment_status') return deploymentStatus(delivery)
  if (event === 'release') return release(delivery)
  if (event === 'push') return push(delivery)
  if (event === 'ping') return nothing('pong')
  if (event === '') return refused('the header X-GitHub-Event', 'none')
  return nothing(`the event ${event} is not about a change of what runs`)
}

const SIGNATURE_EXPECTED =
  'X-Hub-Signature-256 made with the secret that is configured for github; set the same secret in the settings of the webhook'

type Delivery = {
  readonly fields: JsonFields
  readonly deliveryId: string
  readonly context: WebhookContext
}

/** `deployment.payload.service` names the service where whoever deploys says it. */
function deploymentStatus({ fields, deliveryId, context }: Delivery): WebhookContent {
  const status = fieldsAt(fields, 'deployment_status')
  const deployment = fieldsAt(fields, 'deployment')
  const state = textAt(status, 'state') ?? ''
  if (!['success', 'failure', 'error'].includes(state)) return nothing(`the deployment is only ${state}`)
  const environment = textAt(deployment, 'environment') ?? textAt(status, 'environment') ?? 'an environment'
  const ref = textAt(deployment, 'ref')
  const ending = state === 'success' ? '' : `: ${state}`
  return changesOf(deliveryId, {
    at: timeAt(status, 'updated_at', 'created_at') ?? context.now,
    kind: kindOfTask(textAt(deployment, 'task') ?? 'deploy'),
    service: textAt(fieldsAt(deployment, 'payload'), 'service') ?? serviceOf(fields, context),
    from: null,
    to: ref,
    commit: textAt(deployment, 'sha'),
    who: textAt(fieldsAt(status, 'creator'), 'login') ?? textAt(fieldsAt(fields, 'sender'), 'login'),
    summary: `${repositoryOf(fields)}: ${ref ?? 'a version'} deployed to ${environment}${ending}`,
    source: 'github',
  })
}

function release({ fields, deliveryId, context }: Delivery): WebhookContent {
  const told = fieldsAt(fields, 'release')
  if (fields['action'] !== 'published') return nothing(`the release is only ${String(fields['action'])}`)
  const tag = textAt(told, 'tag_name')
  return changesOf(deliveryId, {
    at: timeAt(told, 'published_at', 'created_at') ?? context.now,
    kind: 'deploy',
    service: serviceOf(fields, context),
    from: null,
    to: tag,
    // A branch may stand here as well.
    commit: commitOrNull(textAt(told, 'target_commitish')),
    who: textAt(fieldsAt(told, 'author'), 'login'),
    summary: `${repositoryOf(fields)}: release ${textAt(told, 'name') ?? tag ?? ''} published`,
    source: 'github',
  })
}

function push({ fields, deliveryId, context }: Delivery): WebhookContent {
  const branch = textAt(fieldsAt(fields, 'repository'), 'default_branch')
  const ref = textAt(fields, 'ref') ?? ''
  if (branch === null || ref !== `refs/heads/${branch}`) return nothing(`${ref} is not the default branch`)
  if (fields['deleted'] === true) return nothing('the branch was deleted')
  const head = fieldsAt(fields, 'head_commit')
  const commits: readonly unknown[] = Array.isArray(fields['commits']) ? fields['commits'] : []
  return changesOf(deliveryId, {
    // Not the commit's own time, which may lie days back: what counts is when it came in.
    at: context.now,
    kind: 'other',
    service: serviceOf(fields, context),
    from: commitOrNull(textAt(fields, 'before')),
    to: commitOrNull(textAt(fields, 'after')),
    commit: commitOrNull(textAt(fields, 'after')),
    who: textAt(fieldsAt(fields, 'pusher'), 'name') ?? textAt(fieldsAt(fields, 'sender'), 'login'),
    summary: `${repositoryOf(fields)}: ${pushSummary(commits.length, branch, textAt(head, 'message'))}`,
    source: 'github',
  })
}

function repositoryOf(fields: JsonFields): string {
  return shortened(textAt(fieldsAt(fields, 'repository'), 'full_name') ?? 'a repository')
}

function serviceOf(fields: JsonFields, context: WebhookContext): Change['service'] {
  return context.serviceOf(textAt(fieldsAt(fields, 'repository'), 'full_name') ?? '')
}
