import { APOLOGY, deeper, hasHealthCheck, variableOf } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

const languages = ['javascript', 'typescript']
const quoted = (style: FileStyle, text: string): string => style.quote + text + style.quote

function loggerOf({ text }: FileStyle): string {
  return (
    variableOf(
      text,
      /(?:pino|winston|bunyan|createLogger|getLogger|log4js)\b|require\(['"][./]*\w*log\w*['"]\)/,
    ) ??
    /import (log|logger)\b/.exec(text)?.[1] ??
    'console'
  )
}

const label = (handler: Handler): string => `${handler.route ?? handler.name} failed`

/** pino takes the object first, everything else the message. */
function logged(handler: Handler, style: FileStyle): string {
  const logger = loggerOf(style)
  const isPino = /\bpino\b/.test(style.text) && logger !== 'console'
  const given = isPino
    ? `{ err: error }, ${quoted(style, label(handler))}`
    : `${quoted(style, label(handler))}, error`
  return `${logger}.error(${given})${style.end}`
}

const apology = (style: FileStyle): string => `{ error: ${quoted(style, APOLOGY)} }`

function counter(style: FileStyle): string[] {
  const q = (text: string): string => quoted(style, text)
  const load = /\brequire\(/.test(style.text)
    ? `const { Counter } = require(${q('prom-client')})`
    : `import { Counter } from ${q('prom-client')}`
  return [
    `${load}${style.end}`,
    '',
    'const failed = new Counter({',
    ...deeper(style.unit, [
      `name: ${q('requests_failed_total')},`,
      `help: ${q('Requests that failed')},`,
      `labelNames: [${q('route')}, ${q('error_type')}],`,
    ]),
    `})${style.end}`,
    '',
  ]
}

function record(style: FileStyle, route: string): string[] {
  const q = (text: string): string => quoted(style, text)
  return [
    `failed.inc({ route: ${route}, error_type: error.name })${style.end}`,
    `${loggerOf(style)}.error({ ${q('http.route')}: ${route}, ${q('error.type')}: error.name, err: error }, ${q('request failed')})${style.end}`,
  ]
}

function health(style: FileStyle, lines: readonly string[]): readonly string[] {
  return hasHealthCheck(style.text) ? [] : ['', ...lines]
}

const express: Framework = {
  name: 'Express',
  languages,
  uses: /['"]express['"]/,
  isHandler: ({ parameters }) => /^(req|request)$/.test(parameters.at(0) ?? '') && parameters.length >= 2,
  answer: (handler, style) => {
    const [, response = 'res', next] = handler.parameters
    return next === undefined
      ? [logged(handler, style), `${response}.status(500).json(${apology(style)})${style.end}`]
      : [logged(handler, style), `${next}(error)${style.end}`]
  },
  observe: (_handler, style) => {
    const app =
      variableOf(style.text, /express\(/) ?? variableOf(style.text, /(?:express\.)?Router\(/) ?? 'app'
    return [
      ...counter(style),
      `${app}.use((error, req, res, next) => {`,
      ...deeper(style.unit, [
        ...record(style, 'req.route?.path ?? req.path'),
        `if (res.headersSent) return next(error)${style.end}`,
        `res.status(500).json(${apology(style)})${style.end}`,
      ]),
      `})${style.end}`,
      ...health(style, [
        `${app}.get(${quoted(style, '/health')}, (req, res) => res.json({ status: ${quoted(style, 'ok')} }))${style.end}`,
      ]),
    ]
  },
  place: 'behind the last route, for Express asks error handlers in order; the health check before it',
}

const fastify: Framework = {
  name: 'Fastify',
  languages,
  uses: /['"]fastify['"]/,
  isHandler: ({ parameters }) => /^(req|request|_|_req|_request)$/.test(parameters.at(0) ?? ''),
  answer: (handler, style) => {
    const [request = 'request', reply] = handler.parameters
    const log = `${request}.log.error({ err: error }, ${quoted(style, label(handler))})${style.end}`
    return reply === undefined
      ? [log, `throw error${style.end}`]
      : [log, `return ${reply}.code(500).send(${apology(style)})${style.end}`]
  },
  observe: (_handler, style) => {
    const app = variableOf(style.text, /[Ff]astify\(/) ?? 'app'
    return [
      ...counter(style),
      `${app}.setErrorHandler((error, request, reply) => {`,
      ...deeper(style.unit, [
        ...record(style, 'request.routeOptions.url').map((line) =>
          line.replace(/^(console|\w+)\.error/, 'request.log.error'),
        ),
        `return reply.code(500).send(${apology(style)})${style.end}`,
      ]),
      `})${style.end}`,
      ...health(style, [
        `${app}.get(${quoted(style, '/health')}, async () => ({ status: ${quoted(style, 'ok')} }))${style.end}`,
      ]),
    ]
  },
  place: 'before the server listens',
}

const koa: Framework = {
  name: 'Koa',
  languages,
  uses: /['"](koa|@koa\/router|koa-router|hono)['"]/,
  isHandler: ({ parameters }) => /^(ctx|context|c)$/.test(parameters.at(0) ?? ''),
  answer: (handler, style) => {
    const [context = 'ctx'] = handler.parameters
    return /['"]hono['"]/.test(style.text)
      ? [logged(handler, style), `return ${context}.json(${apology(style)}, 500)${style.end}`]
      : [
          logged(handler, style),
          `${context}.status = 500${style.end}`,
          `${context}.body = ${apology(style)}${style.end}`,
        ]
  },
  observe: (handler, style) => plainNode.observe(handler, style),
  place: 'before the routes, as the first middleware',
}

const nodeHttp: Framework = {
  name: 'node:http',
  languages,
  uses: /\bcreateServer\b|['"](node:)?https?['"]/,
  isHandler: ({ parameters }) =>
    /^(req|request|_|_req)$/.test(parameters.at(0) ?? '') && parameters.length === 2,
  answer: (handler, style) => {
    const response = handler.parameters[1] ?? 'res'
    return [
      logged(handler, style),
      `if (!${response}.headersSent) ${response}.writeHead(500, { ${quoted(style, 'content-type')}: ${quoted(style, 'application/json')} })${style.end}`,
      `${response}.end(JSON.stringify(${apology(style)}))${style.end}`,
    ]
  },
  observe: (handler, style) => [
    ...plainNode.observe(handler, style),
    ...health(style, [
      `// in the handler, before anything else`,
      `if (${handler.parameters[0] ?? 'req'}.url === ${quoted(style, '/health')}) return ${handler.parameters[1] ?? 'res'}.end(JSON.stringify({ status: ${quoted(style, 'ok')} }))${style.end}`,
    ]),
  ],
  place: 'beside the handler; call it where an error is caught',
}

const plainNode: Framework = {
  name: 'Node',
  languages,
  uses: /^/,
  isHandler: () => false,
  answer: (handler, style) => [logged(handler, style), `throw error${style.end}`],
  observe: (handler, style) => [
    ...counter(style),
    'function recordFailure(error) {',
    ...deeper(style.unit, record(style, quoted(style, handler.route ?? handler.name))),
    '}',
  ],
  place: 'beside the function; call it where an error is caught',
}

export const javascriptFrameworks: readonly Framework[] = [express, fastify, koa, nodeHttp, plainNode]
