import { APOLOGY, deeper, hasHealthCheck, variableOf } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

const quoted = (style: FileStyle, text: string): string => style.quote + text + style.quote

/** The logger that the file has, else the logging module. */
function loggerOf({ text }: FileStyle, fallback: string): string {
  return (
    variableOf(text, /(?:logging\.)?getLogger\(|structlog\.get_logger\(/) ??
    (/^import logging\b/m.test(text) ? 'logging' : fallback)
  )
}

const logged = (handler: Handler, style: FileStyle, fallback: string): string =>
  `${loggerOf(style, fallback)}.exception(${quoted(style, `${handler.name} failed`)})`

const COUNTER = (style: FileStyle): string[] => [
  'from prometheus_client import Counter',
  '',
  `FAILED = Counter(${quoted(style, 'requests_failed_total')}, ${quoted(style, 'Requests that failed')}, [${quoted(style, 'route')}, ${quoted(style, 'error_type')}])`,
  '',
  '',
]

/** Nothing where the file has one. */
function healthCheck(style: FileStyle, decorator: string, def: string): string[] {
  if (hasHealthCheck(style.text)) return []
  const answer = `return {${quoted(style, 'status')}: ${quoted(style, 'ok')}}`
  return ['', '', decorator, `${def} health():`, ...deeper(style.unit, [answer])]
}

function fields(style: FileStyle, route: string): string {
  const q = (text: string): string => quoted(style, text)
  return `extra={${q('http.route')}: ${route}, ${q('error.type')}: type(error).__name__}`
}

function flaskApp(text: string): string {
  return variableOf(text, /Flask\(/) ?? variableOf(text, /Blueprint\(/) ?? 'app'
}

const json = (style: FileStyle): string => `{${quoted(style, 'error')}: ${quoted(style, APOLOGY)}}`

const flask: Framework = {
  name: 'Flask',
  languages: ['python'],
  uses: /\bflask\b|\bquart\b/i,
  isHandler: ({ text }) => /^@[\w.]+\.(route|get|post|put|patch|delete|errorhandler)\(/m.test(text),
  answer: (handler, style) => [
    logged(
      handler,
      style,
      variableOf(style.text, /Flask\(/) === null ? 'current_app.logger' : `${flaskApp(style.text)}.logger`,
    ),
    `return ${/\bjsonify\b/.test(style.text) ? `jsonify(${json(style)})` : quoted(style, APOLOGY)}, 500`,
  ],
  observe: (handler, style) => {
    const app = flaskApp(style.text)
    const q = (text: string): string => quoted(style, text)
    return [
      ...COUNTER(style),
      `@${app}.errorhandler(Exception)`,
      'def record_failure(error):',
      ...deeper(style.unit, [
        `route = request.url_rule.rule if request.url_rule else request.path  # ${handler.route ?? handler.name}`,
        'FAILED.labels(route, type(error).__name__).inc()',
        `${loggerOf(style, `${app}.logger`)}.exception(${q('request failed')}, ${fields(style, 'route')})`,
        `return {${q('error')}: ${q(APOLOGY)}}, 500`,
      ]),
      ...healthCheck(style, `@${app}.route(${q('/health')})`, 'def'),
    ]
  },
  place: 'behind the routes (with `request` imported from flask)',
}

const fastapi: Framework = {
  name: 'FastAPI',
  languages: ['python'],
  uses: /\b(fastapi|starlette)\b/i,
  isHandler: ({ text }) => /^@[\w.]+\.(get|post|put|patch|delete|api_route|websocket)\(/m.test(text),
  answer: (handler, style) => [
    logged(handler, style, 'logging'),
    /\bHTTPException\b/.test(style.text)
      ? `raise HTTPException(status_code=500, detail=${quoted(style, APOLOGY)}) from error`
      : `return JSONResponse(${json(style)}, status_code=500)`,
  ],
  observe: (_handler, style) => {
    const app = variableOf(style.text, /FastAPI\(/) ?? 'app'
    const q = (text: string): string => quoted(style, text)
    return [
      ...COUNTER(style),
      `@${app}.exception_handler(Exception)`,
      'async def record_failure(request, error):',
      ...deeper(style.unit, [
        'FAILED.labels(request.url.path, type(error).__name__).inc()',
        `${loggerOf(style, 'logging')}.error(${q('request failed')}, exc_info=error, ${fields(style, 'request.url.path')})`,
        `return JSONResponse(${json(style)}, status_code=500)`,
      ]),
      ...healthCheck(style, `@${app}.get(${q('/health')})`, 'async def'),
    ]
  },
  place: 'behind the routes',
}

const django: Framework = {
  name: 'Django',
  languages: ['python'],
  uses: /\bdjango\b/,
  isHandler: ({ parameters }) => parameters.includes('request'),
  answer: (handler, style) => [
    logged(handler, style, 'logging'),
    /\bJsonResponse\b/.test(style.text)
      ? `return JsonResponse(${json(style)}, status=500)`
      : `return HttpResponse(${quoted(style, APOLOGY)}, status=500)`,
  ],
  observe: (_handler, style) => plainPython.observe(_handler, style),
  place: 'in the view, and a view for /health in urls.py',
}

const plainPython: Framework = {
  name: 'Python',
  languages: ['python'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler, style) => [logged(handler, style, 'logging'), 'raise'],
  observe: (handler, style) => [
    'import logging',
    ...COUNTER(style),
    'def record_failure(error):',
    ...deeper(style.unit, [
      `FAILED.labels(${quoted(style, handler.route ?? handler.name)}, type(error).__name__).inc()`,
      `${loggerOf(style, 'logging')}.error(${quoted(style, `${handler.name} failed`)}, exc_info=error, ${fields(style, quoted(style, handler.route ?? handler.name))})`,
    ]),
  ],
  place: 'beside the function; call it from the handler of its errors',
}

export const pythonFrameworks: readonly Framework[] = [flask, fastapi, django, plainPython]
