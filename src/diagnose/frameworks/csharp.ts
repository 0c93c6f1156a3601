import { APOLOGY, deeper, hasHealthCheck, variableOf } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

function loggerOf({ text }: FileStyle): string | null {
  return (
    /\bILogger(?:<\w+>)?\s+(_\w+)\s*[;=]/.exec(text)?.[1] ??
    /\bILogger(?:<\w+>)?\s+(\w+)\s*[,)]/.exec(text)?.[1] ??
    null
  )
}

function logged(handler: Handler, style: FileStyle): string {
  const logger =
    loggerOf(style) ?? (/\bMap(Get|Post|Put|Delete)\(/.test(style.text) ? `${appOf(style)}.Logger` : null)
  const label = handler.route ?? handler.name
  return logger === null
    ? `Console.Error.WriteLine($"${label.replaceAll(/[{}]/g, '$&$&')} failed: {ex}");`
    : `${logger}.LogError(ex, "{Route} failed", "${label}");`
}

const appOf = (style: FileStyle): string =>
  variableOf(style.text, /\w+\.Build\(|WebApplication\.Create\(/) ?? 'app'

function observe(handler: Handler, style: FileStyle): string[] {
  const app = appOf(style)
  return [
    'var failed = new System.Diagnostics.Metrics.Meter("app").CreateCounter<long>("requests_failed");',
    '',
    `${app}.UseExceptionHandler(errors => errors.Run(async context =>`,
    '{',
    ...deeper(style.unit, [
      'var error = context.Features.Get<Microsoft.AspNetCore.Diagnostics.IExceptionHandlerPathFeature>();',
      `failed.Add(1, new("http.route", error?.Path), new("error.type", error?.Error.GetType().Name)); // ${handler.route ?? handler.name}`,
      `${app}.Logger.LogError(error?.Error, "request failed {Route}", error?.Path);`,
      'context.Response.StatusCode = 500;',
      `await context.Response.WriteAsJsonAsync(new { error = "${APOLOGY}" });`,
    ]),
    '}));',
    ...(hasHealthCheck(style.text)
      ? []
      : [`${app}.MapHealthChecks("/health"); // builder.Services.AddHealthChecks()`]),
  ]
}

const controller: Framework = {
  name: 'ASP.NET',
  languages: ['csharp'],
  uses: /AspNetCore|\bController(Base)?\b|\[Http(Get|Post|Put|Delete|Patch)/,
  isHandler: ({ text, returnType }) =>
    /\[(Http\w+|Route)\b/.test(text) || /ActionResult/.test(returnType ?? ''),
  answer: (handler, style) => [
    logged(handler, style),
    /ActionResult/.test(handler.returnType ?? '')
      ? `return StatusCode(500, new { error = "${APOLOGY}" });`
      : `throw new Microsoft.AspNetCore.Http.BadHttpRequestException("${APOLOGY}", 500, ex);`,
  ],
  observe,
  place: 'in Program.cs, first in the pipeline',
}

const minimal: Framework = {
  name: 'ASP.NET',
  languages: ['csharp'],
  uses: /\bWebApplication\b|\.Map(Get|Post|Put|Delete)\(/,
  isHandler: ({ route }) => route !== null,
  answer: (handler, style) => [
    logged(handler, style),
    /\b(Typed)?Results\./.test(handler.text)
      ? `return Results.Problem("${APOLOGY}", statusCode: 500);`
      : `throw new BadHttpRequestException("${APOLOGY}", 500, ex);`,
  ],
  observe,
  place: 'right behind the app is built',
}

const plainCsharp: Framework = {
  name: '.NET',
  languages: ['csharp'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler, style) => [logged(handler, style), 'throw;'],
  observe: (handler, style) => [
    'private static readonly System.Diagnostics.Metrics.Counter<long> Failed =',
    `${style.unit}new System.Diagnostics.Metrics.Meter("app").CreateCounter<long>("failures");`,
    '',
    'private static void RecordFailure(Exception ex)',
    '{',
    ...deeper(style.unit, [
      `Failed.Add(1, new("code.function", "${handler.name}"), new("error.type", ex.GetType().Name));`,
      logged(handler, style),
    ]),
    '}',
  ],
  place: 'in the class; call it where the error is caught',
}

export const csharpFrameworks: readonly Framework[] = [minimal, controller, plainCsharp]
