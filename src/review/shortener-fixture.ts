import type { CommitCandidate, Diagnosis, Factor, ProposedFix, SourceExplanation } from '../diagnose/index.ts'
import type { Deploy, ExceptionChain, Fingerprint } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { ReviewInput } from './review.ts'
import { answer, diagnosis, every, factor, finding, fingerprint, reviewInput } from './review-fixture.ts'

const SHORTENER_ERROR: ExceptionChain = [
  {
    type: 'TypeError',
    message: 'the JSON object must be str, bytes or bytearray, not TextIOWrapper',
    frames: [
      { file: '/usr/lib/python3.11/json/__init__.py', line: 339, function: 'loads', inApp: false },
      { file: '/var/app/current/application.py', line: 27, function: 'load_urls', inApp: true },
      { file: '/var/app/current/application.py', line: 41, function: 'shorten', inApp: true },
    ],
  },
]

const SHORTENER_TRACE = `[2026-03-03 10:20:05,311] ERROR in app: Exception on / [GET]
Traceback (most recent call last):
  File "/var/app/current/application.py", line 41, in shorten
    urls = load_urls()
  File "/var/app/current/application.py", line 27, in load_urls
    return json.loads(f)
  File "/usr/lib/python3.11/json/__init__.py", line 339, in loads
    raise TypeError(f'the JSON object must be str, bytes or bytearray, '
TypeError: the JSON object must be str, bytes or bytearray, not TextIOWrapper`

const CULPRIT = 'c0ffee1234567890abcdefc0ffee1234567890ab'

const SHORTENER_FINDINGS = [
  finding({
    kind: 'commit-changed-call',
    summary: 'the failing call `json.loads(f)` came with commit c0ffee1234, in place of `json.load(f)`',
    source: 'git c0ffee1234',
    weight: 3.4,
  }),
  finding({
    kind: 'release-before-onset',
    summary: 'the first failure came 5 s after release v2 went live',
    source: 'deploys',
    weight: 1.4,
  }),
  finding({
    kind: 'route-fails-always',
    summary: 'since then every request failed',
    source: 'access log',
    weight: 1.1,
  }),
  finding({
    kind: 'new-error',
    summary: '`TypeError` was never logged before',
    source: 'web.stdout.log:9210',
    weight: 0.9,
  }),
  finding({
    kind: 'input-error',
    summary: 'the type of the error is one that odd input raises too',
    source: 'web.stdout.log:9210',
    weight: -0.4,
  }),
]

function shortenerFactor(): Factor {
  return factor({
    cause: 'bad-release',
    confidence: 0.95,
    summary:
      'commit c0ffee1234 turned `json.load(f)` into `json.loads(f)` in `load_urls`, which every request needs: it raises `TypeError` each time',
    location: { file: 'application.py', line: 27, function: 'load_urls' },
    commit: {
      sha: CULPRIT,
      subject: 'Tidy up storage and validate URLs',
      committedAt: Date.parse('2026-03-03T09:41:00Z'),
    },
    chain: [
      'release v2 with commit c0ffee1234',
      '`load_urls` in application.py',
      '`json.loads` expects text and is given an open file, so that it raises `TypeError` for every request',
      'every request is answered with 500',
    ],
    findings: SHORTENER_FINDINGS,
    immediateFix: ['roll back to release v1'],
    permanentFix: [
      'read the file with `json.load(f)` again',
      'cover `load_urls` with a test that reads a real file',
    ],
    verify: [
      'request GET / and POST /shorten and see no 500',
      'watch the error rate for 15 minutes after the release',
    ],
    prevention: [
      'Run a smoke test against every release before users get it: one request would have failed',
      'Type-check in CI: `json.loads` does not take a file',
      'Keep a test for every route that reads stored data',
    ],
  })
}

const SHORTENER_CANDIDATES: readonly CommitCandidate[] = [
  {
    sha: CULPRIT,
    subject: 'Tidy up storage and validate URLs',
    committedAt: Date.parse('2026-03-03T09:41:00Z'),
    score: 5.1,
    probability: 0.94,
    reasons: [
      {
        kind: 'commit-changed-call',
        summary: 'it changed the failing call `json.load(f)` to `json.loads(f)`',
        weight: 3.4,
      },
    ],
    hunks: [
      {
        file: 'application.py',
        oldStart: 22,
        newStart: 24,
        lines: [
          ' def load_urls():',
          '     with open(URLS_FILE) as f:',
          '-        return json.load(f)',
          '+        return json.loads(f)',
          ' ',
          ' def save_urls(urls):',
        ],
      },
    ],
  },
  {
    sha: 'beefbeef00112233445566778899aabbccddeeff',
    subject: 'Show the number of clicks',
    committedAt: Date.parse('2026-03-03T10:02:00Z'),
    score: 0.3,
    probability: 0.04,
    reasons: [
      {
        kind: 'commit-touches-trace',
        summary: 'it touches `shorten`, which is in the trace',
        weight: 0.3,
      },
    ],
    hunks: [],
  },
]

const SHORTENER_EXPLANATIONS: readonly SourceExplanation[] = [
  {
    file: 'application.py',
    line: 27,
    language: 'python',
    function: 'load_urls',
    functionRange: [25, 27],
    raises: false,
    guard: null,
    handling: 'unhandled',
    handlerLine: null,
    snippet: [
      'def load_urls():',
      '    with open(URLS_FILE) as f:',
      '        return json.loads(f)',
      '',
      'def save_urls(urls):',
    ].map((text, index) => ({ line: 25 + index, text })),
  },
]

const SHORTENER_FIXES: readonly ProposedFix[] = [
  {
    kind: 'remove-cause',
    title: 'Take back the telling line of commit c0ffee1234',
    description: 'Only the call is taken back; the commit’s other edits stay.',
    file: 'application.py',
    language: 'python',
    code: 'def load_urls():\n    with open(URLS_FILE) as f:\n        return json.load(f)\n',
    patch:
      '--- a/application.py\n+++ b/application.py\n@@ -25,3 +25,3 @@\n def load_urls():\n     with open(URLS_FILE) as f:\n-        return json.loads(f)\n+        return json.load(f)\n',
  },
]

const START = Date.parse('2026-03-03T10:00:00Z')
const DOWN = START + 20 * 60_000 + 5000
const UP = DOWN + 13 * 60_000

const DEPLOYS: readonly Deploy[] = [
  {
    at: START - 86_400_000,
    service: 'url-shortener',
    version: 'v1',
    commit: 'aaaa1111bbbb',
    previousCommit: null,
  },
  {
    at: DOWN - 4600,
    service: 'url-shortener',
    version: 'v2',
    commit: 'dddd4444eeee',
    previousCommit: 'aaaa1111bbbb',
  },
  {
    at: UP - 300,
    service: 'url-shortener',
    version: 'v1',
    commit: 'aaaa1111bbbb',
    previousCommit: 'dddd4444eeee',
  },
]

function shortenerLog(failures: readonly EpochMs[]): readonly Fingerprint[] {
  return [
    fingerprint({
      id: 's1',
      template: 'Exception on <*> [<*>]',
      severityText: 'ERROR',
      times: failures.map((at) => at + 2),
      exception: SHORTENER_ERROR,
      text: SHORTENER_TRACE,
      file: 'web.stdout.log',
      line: 9210,
      order: 5,
    }),
    fingerprint({
      id: 's2',
      template: 'slow template render: <*> ms',
      severityText: 'WARN',
      times: every(START, 200_000, 13),
      file: 'web.stdout.log',
      line: 12,
      order: 1,
    }),
    fingerprint({
      id: 's3',
      template: 'favicon.ico not found',
      severityText: 'ERROR',
      times: every(START + 1000, 150_000, 17),
      file: 'web.stdout.log',
      line: 15,
      order: 2,
    }),
  ]
}

function shortenerDiagnosis(): Diagnosis {
  return diagnosis({
    factors: [
      shortenerFactor(),
      factor({
        rank: 2,
        cause: 'unhandled-input',
        confidence: 0.03,
        summary: 'odd input raises such errors too, but here every request fails',
      }),
    ],
    candidates: SHORTENER_CANDIDATES,
    range: {
      goodCommit: 'aaaa1111bbbb',
      badCommit: 'dddd4444eeee',
      how: 'deploys file',
      deployedAt: DOWN - 4600,
      commits: 6,
      notes: [],
    },
    explanations: SHORTENER_EXPLANATIONS,
    fixes: SHORTENER_FIXES,
  })
}

/** Document 3: 13 minutes down after a release, ended by a roll-back, against 15 minutes a year. */
export function shortenerCase(): ReviewInput {
  const times = every(START + 500, 1000, 45 * 60)
  const isDown = (at: number): boolean => at >= DOWN && at < UP
  const routes = ['GET /', 'POST /shorten', 'GET /{id}', 'GET /']
  const requests = times.map((at, index) => ({
    ...answer(at, routes[index % routes.length] ?? 'GET /', isDown(at) ? 500 : 200),
    client: `10.0.${index % 7}.${index % 53}`,
  }))
  return reviewInput({
    how: 'investigate',
    requests,
    lines: 14_200,
    firstSeen: START,
    lastSeen: START + 45 * 60_000,
    deploys: DEPLOYS,
    objective: '15m/year',
    fingerprints: shortenerLog(times.filter(isDown)),
    diagnosis: shortenerDiagnosis(),
    proof: { kind: 'not-tried', reason: '`investigate` starts no program; `run` would' },
    generatedAt: START + 3 * 3_600_000,
  })
}
