import type { ReviewInput } from './review.ts'
import { answer, diagnosis, every, factor, finding, fingerprint, reviewInput } from './review-fixture.ts'

/** Something is wrong and nothing tells why; no requests are known. */
export function inconclusiveCase(): ReviewInput {
  const start = Date.parse('2026-02-01T03:00:00Z')
  return reviewInput({
    how: 'investigate',
    lines: 5400,
    firstSeen: start,
    lastSeen: start + 1_800_000,
    fingerprints: [
      fingerprint({
        id: 'i1',
        template: 'job <*> failed: unexpected state <*>',
        severityText: 'ERROR',
        times: every(start + 1_200_000, 15_000, 40),
        file: 'worker.log',
        line: 3901,
        text: 'ERROR job 8812 failed: unexpected state 7',
        order: 4,
      }),
      fingerprint({
        id: 'i2',
        template: 'job <*> done',
        severityText: 'INFO',
        times: every(start, 400, 4500),
        file: 'worker.log',
        line: 1,
        order: 0,
      }),
    ],
    diagnosis: diagnosis({
      factors: [
        factor({
          cause: 'unhandled-input',
          confidence: 0.22,
          summary: 'the message speaks of a state that the code does not expect',
        }),
      ],
      inconclusive: true,
      nextSteps: [
        'look up where `unexpected state` is written in the worker’s source: give the repository with --repo',
        'compare job 8812 with one that succeeded',
      ],
      problems: ['no repository was given, so neither source nor history was looked at'],
    }),
    proof: { kind: 'not-tried', reason: 'no cause is known, so there is nothing to take back' },
    generatedAt: start + 7_200_000,
  })
}

/** A healthy service. */
export function nothingCase(): ReviewInput {
  const start = Date.parse('2026-04-01T12:00:00Z')
  return reviewInput({
    how: 'run',
    origin: 'sent',
    requests: every(start, 100, 200).map((at) => answer(at, 'GET /', 200)),
    lines: 220,
    fingerprints: [
      fingerprint({ id: 'n1', template: 'GET / 200', severityText: 'INFO', times: every(start, 100, 200) }),
    ],
    generatedAt: start + 30_000,
  })
}

/** What an attacker would like to see in a review: markup in every text that comes from a log. */
export function hostileCase(): ReviewInput {
  const start = Date.parse('2026-05-05T05:00:00Z')
  const nasty = '<script>alert(1)</script> | `x` ``` ![a](javascript:1) **b** </code></pre> "quote" \u202ertl'
  return reviewInput({
    how: 'investigate',
    requests: every(start, 500, 100).map((at) => answer(at, `GET /<img src=x onerror=alert(1)>|\`{id}`, 500)),
    fingerprints: [
      fingerprint({
        id: 'h1',
        template: nasty,
        severityText: 'ERROR',
        times: every(start, 500, 100),
        exception: [
          {
            type: '<b>Bad</b>',
            message: nasty,
            frames: [{ file: 'a|b.py', line: 3, function: '<lambda>', inApp: true }],
          },
        ],
        file: 'evil`<i>.log',
        text: `${nasty}\n\`\`\`\n# heading\n</pre>`,
      }),
    ],
    diagnosis: diagnosis({
      factors: [
        factor({
          cause: 'bad-release',
          summary: nasty,
          commit: { sha: 'abc1234567', subject: nasty, committedAt: start },
          findings: [finding({ kind: 'commit-changed-call', summary: nasty, source: nasty, weight: 2 })],
        }),
      ],
    }),
    generatedAt: start + 100_000,
  })
}

/** The program dies of a lack of memory while it is watched; every request after that is refused. */
export function endedCase(): ReviewInput {
  const start = Date.parse('2026-07-07T07:00:00Z')
  const died = start + 45_000
  const requests = every(start + 1000, 100, 500).map((at) =>
    at < died
      ? answer(at, 'GET /', 200)
      : { ...answer(at, 'GET /', 500), status: null, noAnswer: 'refused' as const },
  )
  const text = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
  return reviewInput({
    how: 'run',
    origin: 'sent',
    requests,
    process: {
      command: ['node', 'server.js'],
      startedAt: start,
      readyAt: start + 900,
      exitedAt: died,
      exitCode: null,
      signal: 'SIGABRT',
      memory: [],
    },
    fingerprints: [
      fingerprint({
        id: 'e1',
        template: text,
        severityText: 'FATAL',
        times: [died - 20],
        file: 'stderr',
        text,
        order: 1,
      }),
    ],
    diagnosis: diagnosis({
      factors: [
        factor({
          cause: 'out-of-memory',
          summary: 'the process reached its heap limit and ended',
          findings: [
            finding({
              kind: 'out-of-memory-error',
              summary: 'the heap limit was reached',
              source: 'stderr:1',
              weight: 3,
            }),
            finding({ kind: 'process-exited', summary: 'it ended by SIGABRT', source: 'process', weight: 1 }),
          ],
        }),
      ],
    }),
    generatedAt: died + 20_000,
  })
}
