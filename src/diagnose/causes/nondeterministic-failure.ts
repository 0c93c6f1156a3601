import type { Cause } from './cause.ts'
import { errorOf, observed, placeOf, triggerOf } from './cause.ts'

export const nondeterministicFailure: Cause = {
  id: 'nondeterministic-failure',
  title: 'The code fails by chance',
  symptoms: [
    'The same request sometimes succeeds and sometimes fails, at a constant share from the start',
    'Other routes of the same process are healthy',
    'Around the failing line a condition depends on a random number or on the time',
  ],
  investigation: [
    {
      what: 'Send the same request many times and count the answers',
      command: 'for i in $(seq 100); do curl -s -o /dev/null -w "%{http_code}\\n" URL; done | sort | uniq -c',
    },
    { what: 'Read the condition above the failing line', command: null },
    { what: 'Find out when the random call came in', command: 'git log -S"random" --oneline -- FILE' },
  ],
  immediateFix: [
    'Remove the guard at {place}, or roll back to a release without it',
    'Retry idempotent requests once at the load balancer until it is out',
  ],
  permanentFix: [
    'Take the chance out of the request path: decide by input or configuration, never by a random number or the clock',
    'Where faults are injected on purpose, put them behind a flag that is off in production',
  ],
  verify: [
    'Send at least 200 requests to the failing route: none may fail',
    'The error at {place} does not appear in the log any more',
  ],
  prevention: [
    'A test that sends the same request 100 times and accepts no failure',
    'A lint rule against random and clock calls in request handlers',
    'A health check that exercises the failing route, not only a constant /health',
  ],
  chain: (context) => [
    triggerOf(context, 'any request that reaches the line'),
    placeOf(context),
    observed(context, 'nondeterministic-guard', 'commit-added-nondeterminism') ??
      'the code decides by chance whether to fail',
    context.impact,
  ],
  summary: (context) => {
    const rate = observed(context, 'failure-rate-matches-guard')
    return `${placeOf(context)} fails by chance (${errorOf(context)}). ${rate ?? context.impact}.`
  },
}
