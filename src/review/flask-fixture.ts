import type { Factor, ProposedFix, SourceExplanation } from '../diagnose/index.ts'
import type { ExceptionChain, Fingerprint } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { ReviewInput } from './review.ts'
import {
  answer,
  coins,
  diagnosis,
  every,
  factor,
  finding,
  fingerprint,
  reviewInput,
} from './review-fixture.ts'

const MORNING = Date.parse('2026-11-20T09:00:00Z')

const FLASK_SNIPPET = [
  '@app.route("/")',
  'def home():',
  '    logging.info("Request received")',
  '    if random.choice([True, False]):',
  '        logging.error("Random failure occurred!")',
  '        raise Exception("App crashed due to random error")',
  '    return "Application is running fine!"',
]

const FLASK_ERROR: ExceptionChain = [
  {
    type: 'Exception',
    message: 'App crashed due to random error',
    frames: [
      { file: '/srv/app.py', line: 20, function: 'home', inApp: true },
      {
        file: '/usr/lib/python3/dist-packages/flask/app.py',
        line: 1821,
        function: 'dispatch_request',
        inApp: false,
      },
    ],
  },
]

const FLASK_TRACE = `2026-11-20 09:00:02,114 ERROR Exception on / [GET]
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/flask/app.py", line 1821, in dispatch_request
    return self.ensure_sync(self.view_functions[rule.endpoint])(**req.view_args)
  File "/srv/app.py", line 20, in home
    raise Exception("App crashed due to random error")
Exception: App crashed due to random error`

function flaskFactor(failed: number, requests: number): Factor {
  const share = ((failed / requests) * 100).toFixed(1)
  return factor({
    cause: 'nondeterministic-failure',
    confidence: 0.97,
    summary: `\`home\` raises at app.py:20 whenever \`random.choice([True, False])\` is true: about half of all requests, whatever they ask for`,
    location: { file: 'app.py', line: 20, function: 'home' },
    chain: [
      'every request to GET /, whatever it asks for',
      '`home` in app.py',
      '`random.choice([True, False])` decides whether line 20 raises, and nothing handles the exception',
      `${failed} of ${requests} requests to GET / are answered with 500`,
    ],
    findings: [
      finding({
        kind: 'nondeterministic-guard',
        summary: 'app.py:20 runs only when `random.choice([True, False])` is true',
        source: 'app.py:18',
        weight: 3.2,
      }),
      finding({
        kind: 'failure-rate-matches-guard',
        summary: `the guard predicts 50 % failures; ${share} % were seen`,
        source: 'requests GET /',
        weight: 2.1,
      }),
      finding({
        kind: 'unhandled-exception',
        summary: `\`Exception: App crashed due to random error\` was raised ${failed} times`,
        source: 'app.log:7',
        weight: 0.8,
      }),
      finding({
        kind: 'error-unhandled',
        summary: 'nothing between `home` and the framework catches the exception',
        source: 'app.py:20',
        weight: 0.4,
      }),
      finding({
        kind: 'healthy-route',
        summary: 'GET /health answered all requests',
        source: 'requests GET /health',
        weight: 0.6,
      }),
    ],
    immediateFix: ['take the guarded raise out, or roll back to a release without it'],
    permanentFix: [
      'remove the chance-based branch from `home`',
      'answer errors of `home` in one place, with a log line',
    ],
    verify: ['send 200 requests to GET / and see none fail'],
    prevention: [
      'Look for chance and time in request handlers during review: a linter rule on `random` finds them',
      'Repeat the smoke test: one request passes half of the time here',
    ],
  })
}

const FLASK_EXPLANATIONS: readonly SourceExplanation[] = [
  {
    file: 'app.py',
    line: 20,
    language: 'python',
    function: 'home',
    functionRange: [16, 21],
    raises: true,
    guard: {
      kind: 'nondeterministic',
      text: 'random.choice([True, False])',
      line: 18,
      chance: 'random.choice',
      predictedShare: 0.5,
    },
    handling: 'unhandled',
    handlerLine: null,
    snippet: FLASK_SNIPPET.map((text, index) => ({ line: 15 + index, text })),
  },
]

const FLASK_FIXES: readonly ProposedFix[] = [
  {
    kind: 'remove-cause',
    title: 'Take the chance-based failure out of `home`',
    description: 'The branch has no purpose but to fail; without it every request gets the answer.',
    file: 'app.py',
    language: 'python',
    code: '@app.route("/")\ndef home():\n    logging.info("Request received")\n    return "Application is running fine!"\n',
    patch:
      '--- a/app.py\n+++ b/app.py\n@@ -15,7 +15,4 @@\n @app.route("/")\n def home():\n     logging.info("Request received")\n-    if random.choice([True, False]):\n-        logging.error("Random failure occurred!")\n-        raise Exception("App crashed due to random error")\n     return "Application is running fine!"\n',
  },
  {
    kind: 'handle-error',
    title: 'Answer an error of `home` instead of letting it escape',
    description: 'Users get a plain message and the log gets the reason.',
    file: 'app.py',
    language: 'python',
    code: '    try:\n        return answer()\n    except Exception as error:\n        app.logger.exception("home failed")\n        return "Temporary issue, please retry", 500\n',
    patch: null,
  },
  {
    kind: 'observe',
    title: 'Count answers of GET / by status',
    description: 'A counter per route and status shows a rate that a single log line hides.',
    file: 'app.py',
    language: 'python',
    code: '@app.after_request\ndef count(response):\n    ANSWERS.labels(request.path, response.status_code).inc()\n    return response\n',
    patch: null,
  },
]

function flaskLog(times: readonly EpochMs[], failures: readonly EpochMs[]): readonly Fingerprint[] {
  return [
    fingerprint({
      id: 'f1',
      template: 'Exception on / [GET]',
      severityText: 'ERROR',
      times: failures.map((at) => at + 3),
      exception: FLASK_ERROR,
      text: FLASK_TRACE,
      line: 7,
      order: 3,
    }),
    fingerprint({
      id: 'f2',
      template: 'Random failure occurred!',
      severityText: 'ERROR',
      times: failures.map((at) => at + 2),
      line: 6,
      order: 2,
    }),
    fingerprint({
      id: 'f3',
      template: 'Request received',
      severityText: 'INFO',
      times: times.map((at) => at + 1),
      line: 5,
      order: 1,
    }),
    fingerprint({
      id: 'f4',
      template: '127.0.0.1 - - "GET / HTTP/1.1" 500 -',
      severityText: 'INFO',
      times: failures.map((at) => at + 4),
      line: 8,
      order: 4,
    }),
  ]
}

/** Documents 1 and 2: every other request to `/` fails by chance, `/health` is fine, a fix is proven. */
export function flaskCase(): ReviewInput {
  const tosses = coins(430)
  const times = every(MORNING + 2000, 100, 430)
  const failures = times.filter((_, index) => tosses[index])
  const requests = times.flatMap((at, index) => [
    answer(at, 'GET /', tosses[index] ? 500 : 200),
    ...(index % 2 === 0 ? [answer(at + 50, 'GET /health', 200)] : []),
  ])
  return reviewInput({
    how: 'run',
    origin: 'sent',
    requests,
    lines: 3120,
    firstSeen: MORNING + 900,
    process: {
      command: ['python3', 'app.py'],
      startedAt: MORNING,
      readyAt: MORNING + 1900,
      exitedAt: null,
      exitCode: null,
      signal: null,
      memory: [],
    },
    fingerprints: flaskLog(times, failures),
    diagnosis: diagnosis({
      factors: [flaskFactor(failures.length, times.length)],
      explanations: FLASK_EXPLANATIONS,
      fixes: FLASK_FIXES,
    }),
    proof: {
      kind: 'tried',
      proven: true,
      before: { requests: times.length, failed: failures.length },
      after: { requests: 200, failed: 0 },
      note: 'the same requests were sent to a copy with fix.patch applied: 0 of 200 failed',
    },
    generatedAt: MORNING + 95_000,
  })
}
