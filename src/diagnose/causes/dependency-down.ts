import type { Cause } from './cause.ts'
import { observed, placeOf } from './cause.ts'

export const dependencyDown: Cause = {
  id: 'dependency-down',
  title: 'A service that it needs is down',
  symptoms: [
    'Calls to another service are refused, reset or answered with 5xx',
    'Routes that do not need it are healthy',
    'No release of the failing program explains it',
  ],
  investigation: [
    { what: "Does it answer from the application's machine?", command: 'curl -sv https://{resource}/' },
    { what: 'Is anything listening?', command: 'nc -vz HOST PORT' },
    { what: 'Its instances', command: 'kubectl get pods -l app=SERVICE; kubectl get endpoints SERVICE' },
    { what: "Its status page, where it is somebody else's", command: null },
  ],
  immediateFix: [
    'Restart or fail over {resource}',
    'Switch off the feature that needs it, or answer from a cache',
    'Open the circuit breaker, so that requests fail fast',
  ],
  permanentFix: [
    'Handle the failure at {place}: fallback, queue, or a clear partial answer',
    'A circuit breaker and a bounded retry around the call',
  ],
  verify: ['Calls to {resource} succeed', 'The failing routes answer again'],
  prevention: [
    "A probe on {resource} of one's own, with an alert",
    'An exercise with {resource} switched off: what must still work?',
    'More than one instance, in more than one zone',
  ],
  chain: (context) => [
    `${context.resource ?? 'a service that it needs'} does not answer`,
    placeOf(context, context.resource ?? 'the caller'),
    observed(context, 'connection-refused', 'dependency-failed', 'connection-reset') ?? 'calls to it fail',
    context.impact,
  ],
  summary: (context) =>
    `${context.resource ?? 'A service that the program needs'} is down. ${observed(context, 'connection-refused', 'dependency-failed', 'connection-reset') ?? context.impact}.`,
}
