import { APOLOGY, deeper, hasHealthCheck, variableOf } from './framework.ts'
import type { FileStyle, Framework, Handler } from './framework.ts'

const imports = (style: FileStyle, path: string): boolean => style.text.includes(`"${path}"`)

function logged(handler: Handler, style: FileStyle): string {
  if (imports(style, 'log/slog')) return `slog.Error("${handler.name} failed", "error", recovered)`
  return `log.Printf("${handler.name} failed: %v", recovered)`
}

const counter = (): string[] => [
  'var failed = promauto.NewCounterVec(prometheus.CounterOpts{',
  '\tName: "requests_failed_total",',
  '\tHelp: "Requests that failed.",',
  '}, []string{"route"})',
  '',
]

/** Middleware around every route: counts panics, logs them with fields, answers 500. */
function middleware(): string[] {
  return [
    ...counter(),
    '// recordFailures counts, logs and answers what panics.',
    'func recordFailures(next http.Handler) http.Handler {',
    ...deeper('\t', [
      'return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {',
      '\tdefer func() {',
      '\t\tif recovered := recover(); recovered != nil {',
      '\t\t\tfailed.WithLabelValues(r.Pattern).Inc()',
      '\t\t\tslog.Error("request failed", "http.route", r.Pattern, "error", recovered, "stack", string(debug.Stack()))',
      `\t\t\thttp.Error(w, "${APOLOGY}", http.StatusInternalServerError)`,
      '\t\t}',
      '\t}()',
      '\tnext.ServeHTTP(w, r)',
      '})',
    ]),
    '}',
  ]
}

const netHttp: Framework = {
  name: 'net/http',
  languages: ['go'],
  uses: /"net\/http"/,
  isHandler: ({ text }) => /\bhttp\.ResponseWriter\b/.test(text.split('{')[0] ?? ''),
  answer: (handler, style) => [
    logged(handler, style),
    `http.Error(${handler.parameters[0] ?? 'w'}, "${APOLOGY}", http.StatusInternalServerError)`,
  ],
  observe: (_handler, style) => {
    const mux = variableOf(style.text, /http\.NewServeMux\(/) ?? 'http'
    return [
      ...middleware(),
      ...(hasHealthCheck(style.text)
        ? []
        : [
            '',
            `${mux}.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(\`{"status":"ok"}\`)) })`,
          ]),
    ]
  },
  place: 'around the mux where the server starts: `http.ListenAndServe(addr, recordFailures(mux))`',
}

const gin: Framework = {
  name: 'Gin',
  languages: ['go'],
  uses: /gin-gonic\/gin"/,
  isHandler: ({ text }) => /\*gin\.Context\b/.test(text.split('{')[0] ?? ''),
  answer: (handler, style) => [
    logged(handler, style),
    `${handler.parameters[0] ?? 'c'}.AbortWithStatusJSON(500, gin.H{"error": "${APOLOGY}"})`,
  ],
  observe: (_handler, style) => {
    const router = variableOf(style.text, /gin\.(?:Default|New)\(/) ?? 'router'
    return [
      ...counter(),
      `${router}.Use(gin.CustomRecovery(func(c *gin.Context, recovered any) {`,
      ...deeper('\t', [
        'failed.WithLabelValues(c.FullPath()).Inc()',
        'slog.Error("request failed", "http.route", c.FullPath(), "error", recovered)',
        `c.AbortWithStatusJSON(500, gin.H{"error": "${APOLOGY}"})`,
      ]),
      '}))',
      ...(hasHealthCheck(style.text)
        ? []
        : [`${router}.GET("/health", func(c *gin.Context) { c.JSON(200, gin.H{"status": "ok"}) })`]),
    ]
  },
  place: 'right behind the router is made',
}

const plainGo: Framework = {
  name: 'Go',
  languages: ['go'],
  uses: /^/,
  isHandler: () => false,
  answer: (handler, style) => [logged(handler, style), 'panic(recovered)'],
  observe: (handler) => [
    ...counter(),
    'func recordFailure(err error) {',
    ...deeper('\t', [
      `failed.WithLabelValues("${handler.route ?? handler.name}").Inc()`,
      `slog.Error("${handler.name} failed", "error", err)`,
    ]),
    '}',
  ],
  place: 'beside the function; call it where the error is handled',
}

export const goFrameworks: readonly Framework[] = [netHttp, gin, plainGo]
