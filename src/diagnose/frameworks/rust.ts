import { APOLOGY, deeper, hasHealthCheck, variableOf } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

function logged(handler: Handler, style: FileStyle): string {
  if (/\btracing\b/.test(style.text)) return `tracing::error!("${handler.name} failed");`
  return /\blog::/.test(style.text)
    ? `log::error!("${handler.name} failed");`
    : `eprintln!("${handler.name} failed");`
}

const axum: Framework = {
  name: 'axum',
  languages: ['rust'],
  uses: /\baxum\b/,
  isHandler: ({ isAsync, name }) => isAsync && name !== 'main',
  answer: (handler, style) => [
    logged(handler, style),
    'return Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR);',
  ],
  observe: (handler, style) => {
    const app = variableOf(style.text, /Router::new\(/) ?? 'app'
    return [
      `let ${app} = ${app}.layer(tower_http::catch_panic::CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| {`,
      ...deeper(style.unit, [
        'metrics::counter!("requests_failed_total").increment(1);',
        `tracing::error!(http.route = "${handler.route ?? handler.name}", "request failed");`,
        `axum::response::IntoResponse::into_response((axum::http::StatusCode::INTERNAL_SERVER_ERROR, "${APOLOGY}"))`,
      ]),
      '}));',
      ...(hasHealthCheck(style.text)
        ? []
        : [`let ${app} = ${app}.route("/health", axum::routing::get(|| async { "ok" }));`]),
    ]
  },
  place: 'behind the routes, before the server starts',
}

const actix: Framework = {
  name: 'actix-web',
  languages: ['rust'],
  uses: /\bactix_web\b/,
  isHandler: ({ isAsync, name }) => isAsync && name !== 'main',
  answer: (handler, style) => [
    logged(handler, style),
    `return Err(actix_web::error::ErrorInternalServerError("${APOLOGY}"));`,
  ],
  observe: (handler, style) => [
    `metrics::counter!("requests_failed_total", "route" => "${handler.route ?? handler.name}").increment(1);`,
    logged(handler, style),
    ...(hasHealthCheck(style.text)
      ? []
      : ['// App::new()', '.route("/health", actix_web::web::get().to(|| async { "ok" }))']),
  ],
  place: 'where the error is answered',
}

const plainRust: Framework = {
  name: 'Rust',
  languages: ['rust'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler, style) => [logged(handler, style), `return Err("${handler.name} failed".into());`],
  observe: (handler, style) => [
    `metrics::counter!("failures_total", "function" => "${handler.name}").increment(1);`,
    logged(handler, style),
  ],
  place: 'where the error is handled',
}

export const rustFrameworks: readonly Framework[] = [axum, actix, plainRust]
