import { APOLOGY, deeper, hasHealthCheck } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

const q = (style: FileStyle, text: string): string => style.quote + text + style.quote

const rails: Framework = {
  name: 'Rails',
  languages: ['ruby'],
  uses: /Controller\b/,
  isHandler: ({ name }) => /Controller#\w+$/.test(name),
  answer: (handler, style) => [
    `Rails.logger.error("${handler.name} failed: #{e.class}: #{e.message}")`,
    `render json: { error: ${q(style, APOLOGY)} }, status: :internal_server_error`,
  ],
  observe: (_handler, style) => [
    'rescue_from StandardError do |error|',
    ...deeper(style.unit, [
      'FAILED.increment(labels: { route: "#{controller_name}##{action_name}", error_type: error.class.name })',
      'Rails.logger.error({ message: "request failed", "http.route" => request.path, "error.type" => error.class.name }.to_json)',
      `render json: { error: ${q(style, APOLOGY)} }, status: :internal_server_error`,
    ]),
    'end',
    '',
    '# config/initializers/metrics.rb',
    'FAILED = Prometheus::Client.registry.counter(:requests_failed_total, docstring: "Requests that failed", labels: %i[route error_type])',
    ...(hasHealthCheck(style.text) ? [] : ['', '# config/routes.rb', 'get "/health" => "rails/health#show"']),
  ],
  place: 'in ApplicationController',
}

function sinatraAnswer(handler: Handler, style: FileStyle): string[] {
  return [
    `logger.error("${handler.route ?? handler.name} failed: #{e.class}: #{e.message}")`,
    `halt 500, ${q(style, APOLOGY)}`,
  ]
}

const sinatra: Framework = {
  name: 'Sinatra',
  languages: ['ruby'],
  uses: /\b[Ss]inatra\b/,
  isHandler: ({ route }) => route !== null,
  answer: sinatraAnswer,
  observe: (_handler, style) => [
    'FAILED = Prometheus::Client.registry.counter(:requests_failed_total, docstring: "Requests that failed", labels: %i[route error_type])',
    '',
    'error do |error|',
    ...deeper(style.unit, [
      'FAILED.increment(labels: { route: request.path, error_type: error.class.name })',
      'logger.error({ message: "request failed", "http.route" => request.path, "error.type" => error.class.name }.to_json)',
      `halt 500, ${q(style, APOLOGY)}`,
    ]),
    'end',
    ...(hasHealthCheck(style.text)
      ? []
      : [
          '',
          `get ${q(style, '/health')} do`,
          ...deeper(style.unit, [`{ status: ${q(style, 'ok')} }.to_json`]),
          'end',
        ]),
  ],
  place: 'before the routes (with `set :show_exceptions, false`)',
}

const plainRuby: Framework = {
  name: 'Ruby',
  languages: ['ruby'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler) => [`warn "${handler.name} failed: #{e.class}: #{e.message}"`, 'raise'],
  observe: (handler, style) => [
    'def record_failure(error)',
    ...deeper(style.unit, [
      `LOGGER.error({ message: "${handler.name} failed", "error.type" => error.class.name, "exception.message" => error.message }.to_json)`,
    ]),
    'end',
  ],
  place: 'beside the method; call it from its rescue',
}

export const rubyFrameworks: readonly Framework[] = [sinatra, rails, plainRuby]
