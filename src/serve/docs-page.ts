import type { Endpoint } from './endpoint.ts'
import { escapeHtml, page } from './html.ts'
import { queryParameters } from './open-api.ts'

/** The API for people: every operation, its parameters, and what one can type. */
export function docsPage(endpoints: readonly Endpoint[], version: string): string {
  const tags = [...new Set(endpoints.map(({ tag }) => tag))]
  const sections = tags.map((tag) => {
    const ofTag = endpoints.filter((one) => one.tag === tag)
    return `<h2>${escapeHtml(tag)}</h2>${ofTag.map(operationHtml).join('')}`
  })
  return page(
    'Firebreak API',
    `<h1>Firebreak ${escapeHtml(version)}</h1>
<p>Lists answer <code>{"data": […], "pagination": {"next": …}}</code>; problems are <code>application/problem+json</code>;
times are ISO 8601 in UTC. For programs: <a href="/openapi.json">openapi.json</a>. For people: <a href="/report">report a problem</a>.
For Prometheus: <a href="/metrics">metrics</a>.</p>
<p>Live: <code>GET /api/v1/events</code>, server-sent events with <code>Last-Event-ID</code>.
Telemetry: <code>POST /v1/logs</code>, <code>/v1/traces</code>, <code>/v1/metrics</code> (OTLP), <code>/api/v1/write</code> (Prometheus remote
write), <code>/webhooks/{alertmanager,alerts,github,gitlab,argocd,changes}</code>.</p>
${sections.join('')}`,
  )
}

function operationHtml({ method, path, summary, query, body }: Endpoint): string {
  const parameters = queryParameters(query)
  const rows = parameters
    .map(({ name, required, description = '' }) => {
      const needed = required ? ' (needed)' : ''
      return `<tr><td><code>${escapeHtml(name)}</code>${needed}</td><td>${escapeHtml(description)}</td></tr>`
    })
    .join('')
  return `<h3><span class="method">${method}</span> <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)}.${body === null ? '' : ' Takes JSON.'}</p>${rows === '' ? '' : `<table>${rows}</table>`}`
}
