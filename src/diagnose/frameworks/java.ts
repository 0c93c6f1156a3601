import { APOLOGY, deeper, hasHealthCheck } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

/** A logger field of the class; without one the platform's own, by its full name, so that no import is needed. */
function loggerOf({ text }: FileStyle): string {
  const field = /\b(?:Logger|Log)\s+(\w+)\s*=/.exec(text)?.[1]
  if (field !== undefined) return field
  return /@(Slf4j|Log4j2|CommonsLog)\b/.test(text) ? 'log' : ''
}

function logged(handler: Handler, style: FileStyle): string {
  const logger = loggerOf(style)
  return logger === ''
    ? `System.getLogger("${handler.name}").log(System.Logger.Level.ERROR, "${handler.name} failed", e);`
    : `${logger}.error("${handler.name} failed", e);`
}

function observe(handler: Handler, style: FileStyle): string[] {
  const route = handler.route ?? handler.name
  const logger = loggerOf(style) === '' ? 'log' : loggerOf(style)
  return [
    '@org.springframework.web.bind.annotation.RestControllerAdvice',
    'class FailureRecorder {',
    ...deeper(style.unit, [
      ...(loggerOf(style) === '' || logger === 'log'
        ? [
            'private static final org.slf4j.Logger log = org.slf4j.LoggerFactory.getLogger(FailureRecorder.class);',
          ]
        : [
            `private static final org.slf4j.Logger ${logger} = org.slf4j.LoggerFactory.getLogger(FailureRecorder.class);`,
          ]),
      'private final io.micrometer.core.instrument.MeterRegistry meters;',
      '',
      'FailureRecorder(io.micrometer.core.instrument.MeterRegistry meters) {',
      `${style.unit}this.meters = meters;`,
      '}',
      '',
      '@org.springframework.web.bind.annotation.ExceptionHandler(Exception.class)',
      'org.springframework.http.ResponseEntity<String> record(Exception e, jakarta.servlet.http.HttpServletRequest request) {',
      ...deeper(style.unit, [
        `meters.counter("requests.failed", "route", request.getRequestURI(), "error.type", e.getClass().getSimpleName()).increment(); // ${route}`,
        `${logger}.atError().addKeyValue("http.route", request.getRequestURI()).addKeyValue("error.type", e.getClass().getName()).setCause(e).log("request failed");`,
        `return org.springframework.http.ResponseEntity.internalServerError().body("${APOLOGY}");`,
      ]),
      '}',
    ]),
    '}',
    ...(hasHealthCheck(style.text)
      ? []
      : ['// application.properties: management.endpoints.web.exposure.include=health,prometheus']),
  ]
}

const spring: Framework = {
  name: 'Spring',
  languages: ['java'],
  uses: /springframework|@(Rest)?Controller\b|@(Get|Post|Request)Mapping/,
  isHandler: ({ text }) => /@(Get|Post|Put|Patch|Delete|Request)Mapping\b/.test(text),
  answer: (handler, style) => [
    logged(handler, style),
    /^ResponseEntity<(\?|Object|String)>$/.test(handler.returnType ?? '')
      ? `return ResponseEntity.internalServerError().body("${APOLOGY}");`
      : `throw new org.springframework.web.server.ResponseStatusException(org.springframework.http.HttpStatus.INTERNAL_SERVER_ERROR, "${APOLOGY}", e);`,
  ],
  observe,
  place: 'in a file of its own beside the controllers',
}

const servlet: Framework = {
  name: 'Servlet',
  languages: ['java'],
  uses: /HttpServlet\b/,
  isHandler: ({ text }) => /\bHttpServletResponse\s+\w+/.test(text),
  answer: (handler, style) => [
    logged(handler, style),
    `${handler.parameters.at(-1) ?? 'response'}.sendError(500, "${APOLOGY}");`,
  ],
  observe: (handler, style) => plainJava.observe(handler, style),
  place: 'beside the handler',
}

const jdkServer: Framework = {
  name: 'JDK HTTP server',
  languages: ['java'],
  uses: /com\.sun\.net\.httpserver/,
  isHandler: ({ text }) => /\bHttpExchange\s+\w+/.test(text) || /createContext/.test(text),
  answer: (handler, style) => [
    logged(handler, style),
    `${handler.parameters.at(0) ?? 'exchange'}.sendResponseHeaders(500, -1);`,
    `${handler.parameters.at(0) ?? 'exchange'}.close();`,
  ],
  observe: (handler, style) => plainJava.observe(handler, style),
  place: 'beside the handler',
}

const plainJava: Framework = {
  name: 'Java',
  languages: ['java'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler, style) => [logged(handler, style), 'throw e;'],
  observe: (handler, style) => [
    'private static final java.util.concurrent.atomic.LongAdder FAILED = new java.util.concurrent.atomic.LongAdder();',
    '',
    'private static void recordFailure(Exception e) {',
    ...deeper(style.unit, [
      'FAILED.increment();',
      `System.getLogger("${handler.name}").log(System.Logger.Level.ERROR, "failed error.type=" + e.getClass().getName() + " total=" + FAILED.sum(), e);`,
    ]),
    '}',
  ],
  place: 'in the class; call it where the error is caught',
}

export const javaFrameworks: readonly Framework[] = [spring, servlet, jdkServer, plainJava]
