import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import { createWebhooks, webhookNames } from './webhooks.ts'
import type { WebhookName, WebhookOptions, WebhookReply } from './webhooks.ts'

const NOW = Date.UTC(2026, 2, 3, 9)
const SHA = '1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b'
const OLD = 'ffffffffffffffffffffffffffffffffffffffff'

function receiving(options: WebhookOptions = {}) {
  const intake = fakeIntake()
  const webhooks = createWebhooks({ intake, now: () => NOW }, options)
  const send = (
    name: WebhookName,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<WebhookReply> =>
    webhooks.receive(name, {
      headers,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    })
  return { intake, send }
}

const NOTICE = {
  version: '4',
  groupKey: '{}:{alertname="HighErrorRate"}',
  status: 'firing',
  receiver: 'firebreak',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'HighErrorRate', severity: 'critical', service: 'checkout' },
      annotations: { summary: '45 % of requests fail' },
      startsAt: '2026-03-03T08:58:00.5Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus:9090/graph',
      fingerprint: 'c0ffee',
    },
    {
      status: 'resolved',
      labels: { alertname: 'Slow', job: 'cart' },
      annotations: {},
      startsAt: '2026-03-03T08:00:00Z',
      endsAt: '2026-03-03T08:10:00Z',
      fingerprint: 'beef',
    },
  ],
}

describe('alerts', () => {
  test('takes the alerts of an Alertmanager', async () => {
    const { intake, send } = receiving()
    expect(await send('alertmanager', NOTICE)).toMatchObject({ status: 200, taken: 2 })
    expect(intake.items('alerts')).toEqual([
      expect.objectContaining({
        key: 'alertmanager:c0ffee',
        status: 'firing',
        name: 'HighErrorRate',
        service: 'checkout',
        severity: 'critical',
        summary: '45 % of requests fail',
        startedAt: NOW - 119_500,
        endedAt: null,
      }),
      expect.objectContaining({
        status: 'resolved',
        service: 'cart',
        severity: '',
        summary: 'Slow',
        endedAt: Date.UTC(2026, 2, 3, 8, 10),
      }),
    ])
  })

  const cloudWatch = {
    AlarmName: 'cpu-high',
    AlarmArn: 'arn:aws:cloudwatch:eu-west-1:1:alarm:cpu-high',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2026-03-03T08:59:00.000+0000',
    Region: 'EU (Ireland)',
    Trigger: {
      MetricName: 'CPUUtilization',
      Namespace: 'AWS/EC2',
      Dimensions: [{ name: 'InstanceId', value: 'i-1' }],
    },
  }
  test.each([
    [
      'the documented shape',
      { name: 'disk', status: 'firing', service: 'db' },
      { name: 'disk', service: 'db', status: 'firing' },
    ],
    [
      'its own end',
      { name: 'disk', status: 'resolved', endedAt: '2026-03-03T08:59:00Z' },
      { status: 'resolved', endedAt: NOW - 60_000 },
    ],
    [
      'other names for the same',
      { title: 'disk', state: 'OK', message: 'fine', priority: 'P2' },
      { name: 'disk', status: 'resolved', summary: 'fine', severity: 'P2' },
    ],
    ['epoch seconds', { name: 'x', timestamp: NOW / 1000 - 5 }, { startedAt: NOW - 5_000 }],
    [
      'Grafana',
      { orgId: 1, ...NOTICE, alerts: NOTICE.alerts.slice(0, 1) },
      { source: 'grafana', name: 'HighErrorRate' },
    ],
    [
      'CloudWatch',
      cloudWatch,
      { source: 'cloudwatch', name: 'cpu-high', status: 'firing', summary: 'Threshold Crossed' },
    ],
    [
      'CloudWatch through SNS',
      {
        Type: 'Notification',
        TopicArn: 'arn:aws:sns:x',
        Message: JSON.stringify({ ...cloudWatch, NewStateValue: 'OK' }),
      },
      { source: 'cloudwatch', status: 'resolved', key: `cloudwatch:${cloudWatch.AlarmArn}` },
    ],
    [
      'plain text through SNS',
      { Type: 'Notification', TopicArn: 'arn:aws:sns:x', Subject: 'backup', Message: 'backup failed' },
      { source: 'sns', name: 'backup', summary: 'backup failed' },
    ],
    [
      'Uptime Kuma',
      {
        heartbeat: { status: 0, time: '2026-03-03 08:59:30.000', msg: 'timeout' },
        monitor: { id: 7, name: 'shop', type: 'http', url: 'https://shop' },
        msg: '[shop] down',
      },
      {
        source: 'uptime-kuma',
        key: 'uptime-kuma:7',
        status: 'firing',
        summary: 'timeout',
        startedAt: NOW - 30_000,
      },
    ],
  ])('understands %s', async (_, body, expected) => {
    const { intake, send } = receiving()
    expect(await send('alerts', body)).toMatchObject({ status: 200, taken: 1 })
    expect(intake.items('alerts')[0]).toMatchObject(expected)
  })

  test('keeps one key through all notices of one alert, whatever the order of its labels', async () => {
    const { intake, send } = receiving()
    await send('alerts', { name: 'disk', labels: { a: '1', b: '2' }, status: 'firing' })
    await send('alerts', { name: 'disk', labels: { b: '2', a: '1' }, status: 'resolved' })
    const [first, second] = intake.items('alerts')
    expect(first?.key).toBe(second?.key)
    expect(second?.status).toBe('resolved')
  })

  test('tells how to confirm a subscription, and does not visit the address itself', async () => {
    const { intake, send } = receiving()
    const body = {
      Type: 'SubscriptionConfirmation',
      TopicArn: 'arn:x',
      SubscribeURL: 'https://sns.example/confirm',
    }
    const reply = await send('alerts', body)
    expect(reply).toMatchObject({ status: 200, taken: 0 })
    expect(reply.message).toContain('https://sns.example/confirm')
    expect(intake.items('alerts')).toEqual([])
  })
})

const REPOSITORY = { full_name: 'acme/shop', default_branch: 'main' }
const DEPLOYMENT = {
  deployment_status: { state: 'success', updated_at: '2026-03-03T08:59:00Z', creator: { login: 'ada' } },
  deployment: { sha: SHA, ref: 'v2.1', task: 'deploy', environment: 'production', payload: {} },
  repository: REPOSITORY,
}
const PUSH = {
  ref: 'refs/heads/main',
  before: OLD,
  after: SHA,
  commits: [{ id: SHA }, { id: OLD }],
  head_commit: { message: 'Cache the cart\n\nIt is read often.' },
  pusher: { name: 'ada' },
  repository: REPOSITORY,
}

describe('changes', () => {
  const github = (event: string, id = '1'): Record<string, string> => ({
    'x-github-event': event,
    'x-github-delivery': id,
  })
  test.each([
    [
      'a deployment',
      'deployment_status',
      DEPLOYMENT,
      {
        kind: 'deploy',
        service: 'checkout',
        to: 'v2.1',
        commit: SHA,
        who: 'ada',
        at: NOW - 60_000,
        source: 'github',
        id: 'github:1',
      },
    ],
    [
      'a rollback',
      'deployment_status',
      { ...DEPLOYMENT, deployment: { ...DEPLOYMENT.deployment, task: 'rollback' } },
      { kind: 'rollback' },
    ],
    [
      'the service that the deployment names',
      'deployment_status',
      { ...DEPLOYMENT, deployment: { ...DEPLOYMENT.deployment, payload: { service: 'cart' } } },
      { service: 'cart' },
    ],
    [
      'a deployment that failed',
      'deployment_status',
      { ...DEPLOYMENT, deployment_status: { state: 'failure' } },
      { summary: 'acme/shop: v2.1 deployed to production: failure', at: NOW },
    ],
    [
      'a release',
      'release',
      {
        action: 'published',
        release: {
          tag_name: 'v2',
          name: 'Two',
          target_commitish: 'main',
          published_at: '2026-03-03T08:59:00Z',
        },
        repository: REPOSITORY,
      },
      { kind: 'deploy', to: 'v2', commit: null, summary: 'acme/shop: release Two published' },
    ],
    [
      'a push',
      'push',
      PUSH,
      {
        kind: 'other',
        from: OLD,
        to: SHA,
        commit: SHA,
        summary: 'acme/shop: 2 commits to main: Cache the cart',
      },
    ],
  ])('GitHub: %s', async (...[, event, body, expected]) => {
    const { intake, send } = receiving({ services: { 'acme/shop': 'checkout' } })
    expect(await send('github', body, github(event))).toMatchObject({ status: 200, taken: 1 })
    expect(intake.items('changes')[0]).toMatchObject(expected)
  })

  test.each([
    ['a ping', 'ping', { zen: 'x' }],
    ['another branch', 'push', { ...PUSH, ref: 'refs/heads/wip' }],
    ['a deleted branch', 'push', { ...PUSH, deleted: true }],
    [
      'a deployment that has only begun',
      'deployment_status',
      { ...DEPLOYMENT, deployment_status: { state: 'in_progress' } },
    ],
    ['a draft', 'release', { action: 'created', release: {} }],
    ['an issue', 'issues', { action: 'opened' }],
  ])('GitHub: %s is nothing to keep', async (_, event, body) => {
    const { intake, send } = receiving()
    expect(await send('github', body, github(event))).toMatchObject({ status: 200, taken: 0 })
    expect(intake.items('changes')).toEqual([])
  })

  test('GitHub: takes a delivery once, but again when it was not stored', async () => {
    const { intake, send } = receiving()
    intake.refuse({ kind: 'try-later', afterMs: 1_500, reason: 'the store is away' })
    expect(await send('github', PUSH, github('push'))).toMatchObject({ status: 503, retryAfterSeconds: 2 })
    intake.refuse(null)
    expect(await send('github', PUSH, github('push'))).toMatchObject({ status: 200, taken: 1 })
    expect(await send('github', PUSH, github('push'))).toMatchObject({ status: 200, taken: 0 })
    expect(intake.items('changes')).toHaveLength(1)
  })

  test('GitHub: believes only what is signed with the secret', async () => {
    const { intake, send } = receiving({ github: { secret: 'It is secret' } })
    const body = JSON.stringify(PUSH)
    const sign = (secret: string): string =>
      `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    for (const signature of [sign('wrong'), '', 'sha256=', sign('It is secret').toUpperCase()]) {
      const reply = await send('github', body, { ...github('push'), 'x-hub-signature-256': signature })
      expect(reply.status).toBe(401)
      expect(reply.message).not.toContain('It is secret')
    }
    expect(intake.items('changes')).toEqual([])
    const signed = { ...github('push'), 'x-hub-signature-256': sign('It is secret') }
    expect(await send('github', body, signed)).toMatchObject({ status: 200, taken: 1 })
  })

  test('GitHub’s own example of a signature is right', async () => {
    // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    const { send } = receiving({ github: { secret: "It's a Secret to Everybody" } })
    const headers = {
      'x-github-event': 'ping',
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    }
    const reply = await send('github', 'Hello, World!', headers)
    expect(reply).toMatchObject({ status: 400 }) // signed well, and no JSON
  })

  const project = { path_with_namespace: 'acme/shop', default_branch: 'main' }
  test.each([
    [
      'a deployment',
      {
        object_kind: 'deployment',
        status: 'success',
        status_changed_at: '2026-03-03 09:59:00 +0100',
        environment: 'production',
        ref: 'v2',
        commit_url: `https://gitlab.example/acme/shop/-/commit/${SHA}`,
        user: { username: 'ada' },
        project,
      },
      { kind: 'deploy', at: NOW - 60_000, commit: SHA, to: 'v2', who: 'ada', service: 'checkout' },
    ],
    [
      'a release',
      {
        object_kind: 'release',
        action: 'create',
        tag: 'v2',
        name: 'Two',
        released_at: '2026-03-03 08:59:00 UTC',
        commit: { id: SHA },
        project,
      },
      { kind: 'deploy', at: NOW - 60_000, to: 'v2', commit: SHA },
    ],
    [
      'a push',
      {
        object_kind: 'push',
        ref: 'refs/heads/main',
        before: OLD,
        after: SHA,
        commits: [{ title: 'old' }, { title: 'Cache the cart' }],
        total_commits_count: 2,
        project,
      },
      { kind: 'other', summary: 'acme/shop: 2 commits to main: Cache the cart' },
    ],
    [
      'a tag',
      { object_kind: 'tag_push', ref: 'refs/tags/v2', after: OLD, checkout_sha: SHA, project },
      { kind: 'deploy', to: 'v2', commit: SHA },
    ],
  ])('GitLab: %s', async (_, body, expected) => {
    const { intake, send } = receiving({ gitlab: { token: 'tok' }, services: { 'acme/shop': 'checkout' } })
    expect(await send('gitlab', body)).toMatchObject({ status: 401 })
    const headers = { 'x-gitlab-token': 'tok', 'idempotency-key': 'k1' }
    expect(await send('gitlab', body, headers)).toMatchObject({ status: 200, taken: 1 })
    expect(await send('gitlab', body, headers)).toMatchObject({ status: 200, taken: 0 })
    expect(intake.items('changes')[0]).toMatchObject({ ...expected, source: 'gitlab', id: 'gitlab:k1' })
  })

  test('Argo CD: takes a sync once, however often it is told of', async () => {
    const { intake, send } = receiving()
    const sync = { app: 'cart', phase: 'Succeeded', revision: SHA, finishedAt: '2026-03-03T08:59:00Z' }
    expect(await send('argocd', { ...sync, phase: 'Running' })).toMatchObject({ taken: 0 })
    expect(await send('argocd', sync)).toMatchObject({ taken: 1 })
    expect(await send('argocd', { ...sync, message: 'again' })).toMatchObject({ taken: 0 })
    expect(intake.items('changes')).toEqual([
      expect.objectContaining({
        kind: 'deploy',
        service: 'cart',
        commit: SHA,
        at: NOW - 60_000,
        source: 'argocd',
      }),
    ])
  })

  test('generic: one or a list, with what is not said left open', async () => {
    const { intake, send } = receiving()
    expect(
      await send('changes', { kind: 'flag', service: 'cart', to: 'new-checkout=on', who: 'ada' }),
    ).toMatchObject({ taken: 1 })
    expect(
      await send('changes', [
        { kind: 'deploy', id: '7' },
        { kind: 'scale', at: '2026-03-03T08:00:00Z', from: '2', to: '4' },
      ]),
    ).toMatchObject({ taken: 2 })
    expect(intake.items('changes')).toEqual([
      expect.objectContaining({
        kind: 'flag',
        at: NOW,
        commit: null,
        summary: 'flag of cart to new-checkout=on',
      }),
      expect.objectContaining({ kind: 'deploy', id: 'webhook:7', service: null }),
      expect.objectContaining({ kind: 'scale', at: NOW - 3_600_000, summary: 'scale from 2 to 4' }),
    ])
  })

  test.each([
    ['no kind', { service: 'x' }, /no "kind" among service/],
    ['an unknown kind', { kind: 'magic' }, /the kind "magic"/],
    ['a time to come', { kind: 'deploy', at: '2099-01-01T00:00:00Z' }, /more than ten minutes ahead/],
    ['a time that is none', { kind: 'deploy', at: 'yesterday' }, /"at": "yesterday", which is no time/],
    ['one wrong of two', [{ kind: 'deploy' }, 7], /number where a change should be \(change 2\)/],
    ['an empty list', [], /an empty list/],
  ])('generic: refuses %s, and says what was expected', async (_, body, found) => {
    const { intake, send } = receiving()
    const reply = await send('changes', body)
    expect(reply.status).toBe(400)
    expect(reply.message).toMatch(/^expected a change \{"kind"/)
    expect(reply.message).toMatch(found)
    expect(intake.items('changes')).toEqual([])
  })
})

describe('reports', () => {
  test('takes what somebody says', async () => {
    const { intake, send } = receiving()
    expect(
      await send('reports', { text: ' Cannot pay ', service: '', url: 'https://shop/cart' }),
    ).toMatchObject({ taken: 1 })
    expect(intake.items('reports')[0]).toMatchObject({
      text: 'Cannot pay',
      service: null,
      url: 'https://shop/cart',
      at: NOW,
      source: 'api',
    })
  })
  test.each([
    [{ text: '   ' }, /found no text/],
    [{ text: 'x'.repeat(4_001) }, /at most 4000 characters, found 4001/],
    [{ text: 'x', url: 7 }, /found "url" that is no text/],
    [[], /found no object/],
  ])('refuses %j', async (body, found) => {
    const { send } = receiving()
    const reply = await send('reports', body)
    expect(reply).toMatchObject({ status: 400, taken: 0 })
    expect(reply.message).toMatch(found)
  })
})

describe('all webhooks', () => {
  test.each(webhookNames)('%s: refuses what is no JSON, is empty, or is too large', async (name) => {
    const { intake, send } = receiving()
    const headers = { 'x-github-event': 'push' }
    for (const body of ['', '{', 'null', '17', '"x"']) {
      const reply = await send(name, body, headers)
      expect(reply.status).toBe(400)
      expect(reply.message).toMatch(/^expected /)
    }
    expect((await send(name, `"${'x'.repeat(1024 * 1024)}"`, headers)).status).toBe(413)
    expect([...intake.items('alerts'), ...intake.items('changes'), ...intake.items('reports')]).toEqual([])
  })

  test.each(['alertmanager', 'alerts', 'changes', 'argocd', 'reports'] as const)(
    '%s: asks for the token, as bearer or Basic',
    async (name) => {
      const { send } = receiving({ token: 'tok' })
      const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
      for (const authorization of ['', 'Bearer wrong', basic('any:wrong'), 'tok'])
        expect((await send(name, '{}', { authorization })).status).toBe(401)
      for (const authorization of ['Bearer tok', 'bearer tok', basic('any:tok')])
        expect((await send(name, '{}', { authorization })).status).not.toBe(401)
    },
  )

  test('never throw, whatever JSON comes', async () => {
    const kinds = fc.constantFrom(...webhookNames)
    const events = fc.constantFrom('push', 'release', 'deployment_status')
    await fc.assert(
      fc.asyncProperty(kinds, fc.json(), events, async (name, body, event) => {
        const { send } = receiving()
        const reply = await send(name, body, { 'x-github-event': event })
        expect([200, 400]).toContain(reply.status)
      }),
      { numRuns: 500 },
    )
  })
})
