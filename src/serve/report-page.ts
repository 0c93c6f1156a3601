import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import type { Service } from '../service/index.ts'
import { escapeHtml, page } from './html.ts'
import { problemOf } from './problem.ts'
import { takeReport } from './take-report.ts'

/** `GET /report`: a form for people who see that something is broken; works without any script. */
export function registerReportPage(app: FastifyInstance, service: Service): void {
  const parser = async (_request: unknown, body: unknown) =>
    Object.fromEntries(new URLSearchParams(String(body)))
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, parser)
  app.get('/report', async (_request, reply) => sendForm(reply, { status: 200, note: '', text: '' }))
  app.post('/report', async (request, reply) => {
    const { text = '', service: about = '', url = '' } = (request.body ?? {}) as Record<string, string>
    try {
      await takeReport(service, { text, service: about || null, url: url || null }, 'form')
      return await sendForm(reply, { status: 201, note: 'Thank you: somebody will look at it.', text: '' })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { status, detail } = problemOf(error)
      return sendForm(reply, { status, note: `It could not be taken: ${detail}`, text })
    }
  })
}

type Shown = { readonly status: number; readonly note: string; readonly text: string }

function sendForm(reply: FastifyReply, { status, note, text }: Shown): FastifyReply {
  const content = `<h1>What is broken?</h1>
${note === '' ? '' : `<p role="status"><strong>${escapeHtml(note)}</strong></p>`}
<form method="post" action="/report">
<label for="text">What happened</label><textarea id="text" name="text" rows="5" maxlength="4000" required>${escapeHtml(text)}</textarea>
<label for="url">The page you were on (if you know it)</label><input id="url" name="url" maxlength="2000">
<label for="service">The service (if you know it)</label><input id="service" name="service" maxlength="200">
<button>Report it</button>
</form>`
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    .send(page('Report a problem', content))
}
