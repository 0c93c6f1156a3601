/** How one way of logging writes an ordinary line, the lines of a trace, and a line of another writer. */
export type TraceLayout = {
  readonly line: (second: number, message: string) => string
  readonly trace: (second: number, text: string) => readonly string[]
  /** Null where writers can't be told apart. */
  readonly stranger: ((second: number) => string) | null
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function clock(second: number): string {
  return `09:${two(Math.floor(second / 60))}:${two(second % 60)}`
}

const EPOCH_MS = Date.UTC(2026, 2, 3, 9)

/** Every line of a trace is written as any other line is. */
function lineByLine(
  header: (at: string, isError: boolean) => string,
  { stranger }: { stranger: ((at: string) => string) | null },
): TraceLayout {
  return {
    line: (second, message) => header(clock(second), false) + message,
    trace: (second, text) => text.split('\n').map((line) => header(clock(second), true) + line),
    stranger: stranger && ((second) => stranger(clock(second))),
  }
}

/** A line with a header carries the trace, whose lines have none. */
function below(head: (at: string, level: string) => string, said: string, between: readonly string[] = []) {
  return {
    line: (second, message) => head(clock(second), 'INFO') + message,
    trace: (second, text) => [head(clock(second), 'ERROR') + said, ...between, ...text.split('\n')],
    stranger: null,
  } satisfies TraceLayout
}

type Fields = (second: number, level: 'info' | 'error', said: string) => Record<string, unknown>

/** A record that holds the trace as a string. */
function records(fields: Fields, stack: (text: string) => Record<string, unknown>): TraceLayout {
  return {
    line: (second, message) => JSON.stringify(fields(second, 'info', message)),
    trace: (second, text) => [
      JSON.stringify({ ...fields(second, 'error', 'checkout failed'), ...stack(text) }),
    ],
    stranger: (second) => JSON.stringify(fields(second, 'info', 'tick')),
  }
}

function docker(second: number, stream: string, log: string): string {
  return JSON.stringify({ log: `${log}\n`, stream, time: `2026-03-03T${clock(second)}.5Z` })
}

/** Ways of logging in which a trace must come out the same. */
export const traceLayouts: Readonly<Record<string, TraceLayout>> = {
  plain: lineByLine(() => '', { stranger: null }),
  'Python logging': below((at, level) => `2026-03-03 ${at},123 ${level} app.web: `, 'checkout failed'),
  Flask: below((at, level) => `[2026-03-03 ${at},123] ${level} in app: `, 'Exception on /checkout [POST]'),
  'time and pid': lineByLine((at) => `2026-03-03T${at} [4004] `, {
    stranger: (at) => `2026-03-03T${at} [4005] tick`,
  }),
  syslog: lineByLine((at) => `Mar  3 ${at} web1 app[4004]: `, {
    stranger: (at) => `Mar  3 ${at} web1 cron[99]: tick`,
  }),
  'syslog 5424': lineByLine(
    (at, isError) => `<${isError ? 131 : 134}>1 2026-03-03T${at}Z web1 app 4004 - - `,
    {
      stranger: (at) => `<134>1 2026-03-03T${at}Z web1 cron 99 - - tick`,
    },
  ),
  'Docker json-file': {
    line: (second, message) => docker(second, 'stdout', message),
    trace: (second, text) => text.split('\n').map((line) => docker(second, 'stderr', line)),
    stranger: (second) => docker(second, 'stdout', 'tick'),
  },
  'Kubernetes CRI': {
    line: (second, message) => `2026-03-03T${clock(second)}.5Z stdout F ${message}`,
    trace: (second, text) =>
      text.split('\n').map((line) => `2026-03-03T${clock(second)}.5Z stderr F ${line}`),
    stranger: (second) => `2026-03-03T${clock(second)}.5Z stdout F tick`,
  },
  compose: lineByLine(() => 'web-1  | ', { stranger: () => 'db-1   | tick' }),
  Heroku: lineByLine((at) => `2026-03-03T${at}.000000+00:00 app[web.1]: `, {
    stranger: (at) => `2026-03-03T${at}.000000+00:00 app[worker.1]: tick`,
  }),
  logback: below(
    (at, level) => `2026-03-03 ${at}.123 [http-1] ${level.padEnd(5)} org.acme.Shop - `,
    'failed',
  ),
  'Spring Boot': below(
    (at, level) => `2026-03-03T${at}.123Z ${level.padStart(5)} 4004 --- [http-1] o.acme.Shop             : `,
    'Servlet.service() threw',
    [''],
  ),
  pino: records(
    (second, level, msg) => ({
      level: level === 'info' ? 30 : 50,
      time: EPOCH_MS + second * 1000,
      pid: 4,
      msg,
    }),
    (stack) => ({ err: { type: 'Error', message: 'x', stack } }),
  ),
  winston: records(
    (second, level, message) => ({ level, message, timestamp: `2026-03-03T${clock(second)}.000Z` }),
    (stack) => ({ stack }),
  ),
  zap: records(
    (second, level, msg) => ({ level, ts: EPOCH_MS / 1000 + second, msg }),
    (errorVerbose) => ({ errorVerbose }),
  ),
  'python-json-logger': records(
    (second, level, message) => ({
      asctime: `2026-03-03 ${clock(second)},123`,
      levelname: level.toUpperCase(),
      message,
    }),
    (text) => ({ exc_info: text }),
  ),
}
