import { APOLOGY, deeper, hasHealthCheck } from './framework.ts'
import type { Framework, Handler } from './framework.ts'

const route = (handler: Handler): string => handler.route ?? handler.name

function fields(handler: Handler): string {
  return `['http.route' => '${route(handler)}', 'error.type' => $e::class, 'exception' => $e]`
}

const laravel: Framework = {
  name: 'Laravel',
  languages: ['php'],
  uses: /Illuminate\\|\bRoute::(get|post|put|patch|delete|any|match)\(/,
  isHandler: ({ name, route }) => route !== null || /Controller::\w+$/.test(name),
  answer: (handler) => [
    `\\Illuminate\\Support\\Facades\\Log::error('${route(handler)} failed', ['exception' => $e]);`,
    `return response()->json(['error' => '${APOLOGY}'], 500);`,
  ],
  observe: (_handler, style) => [
    '->withExceptions(function (\\Illuminate\\Foundation\\Configuration\\Exceptions $exceptions) {',
    ...deeper(style.unit, [
      '$exceptions->report(function (\\Throwable $e) {',
      `${style.unit}\\Illuminate\\Support\\Facades\\Log::error('request failed', ['http.route' => request()->path(), 'error.type' => $e::class]);`,
      '});',
    ]),
    '})',
    ...(hasHealthCheck(style.text) ? [] : ["->withRouting(health: '/health')"]),
  ],
  place: 'in bootstrap/app.php',
}

const slim: Framework = {
  name: 'Slim',
  languages: ['php'],
  uses: /Slim\\|Psr\\Http\\Message/,
  isHandler: ({ parameters }) => parameters.length >= 2,
  answer: (handler) => {
    const response = handler.parameters[1] ?? '$response'
    return [
      `error_log('${route(handler)} failed: ' . $e);`,
      `${response}->getBody()->write('${APOLOGY}');`,
      `return ${response}->withStatus(500);`,
    ]
  },
  observe: (handler, style) => plainPhp.observe(handler, style),
  place: 'beside the route',
}

const symfony: Framework = {
  name: 'Symfony',
  languages: ['php'],
  uses: /Symfony\\/,
  isHandler: ({ text }) => /#\[Route|\bResponse\b/.test(text),
  answer: (handler) => [
    /\$this->logger\b/.test(handler.text)
      ? `$this->logger->error('${handler.name} failed', ['exception' => $e]);`
      : `error_log('${handler.name} failed: ' . $e);`,
    `return new \\Symfony\\Component\\HttpFoundation\\JsonResponse(['error' => '${APOLOGY}'], 500);`,
  ],
  observe: (handler, style) => plainPhp.observe(handler, style),
  place: 'in a listener of kernel.exception',
}

const plainPhp: Framework = {
  name: 'PHP',
  languages: ['php'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler) => [`error_log('${handler.name} failed: ' . $e);`, 'throw $e;'],
  observe: (handler, style) => [
    'set_exception_handler(function (\\Throwable $e): void {',
    ...deeper(style.unit, [
      `error_log(json_encode(${fields(handler).replace("'exception' => $e", "'exception.message' => $e->getMessage()")}));`,
      'http_response_code(500);',
      `echo json_encode(['error' => '${APOLOGY}']);`,
    ]),
    '});',
  ],
  place: 'at the start of the front controller',
}

export const phpFrameworks: readonly Framework[] = [laravel, slim, symfony, plainPhp]
