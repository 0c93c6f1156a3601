import type { Cause } from './cause.ts'
import { observed, placeOf, triggerOf } from './cause.ts'

export const dependencySlow: Cause = {
  id: 'dependency-slow',
  title: 'A service that it needs is slow',
  symptoms: [
    'Calls to another service run into their time-out',
    'Response times of the routes that need it rise to that time-out',
    'Connections are made; answers are late',
  ],
  investigation: [
    {
      what: 'How long does it take, and which part?',
      command:
        'curl -s -o /dev/null -w "dns %{time_namelookup} connect %{time_connect} tls %{time_appconnect} first byte %{time_starttransfer}\\n" https://{resource}/',
    },
    { what: 'Its own response times and load', command: null },
    { what: 'Was a time-out changed?', command: 'git log -p -i -G"time_?out" PREVIOUS..FAILING' },
  ],
  immediateFix: [
    'Shorten the time-out at {place} and answer without {resource}',
    'Shed load from {resource}: fewer retries, cached answers',
  ],
  permanentFix: [
    "A time-out shorter than the caller's own, a circuit breaker, and a bulkhead, so that waiting for it cannot take all workers",
    'Make the call asynchronous where the answer is not needed at once',
  ],
  verify: [
    'Calls to {resource} answer within their usual time',
    'p95 of the failing routes is back to normal',
  ],
  prevention: [
    'An alert on the latency of calls to {resource}, per caller',
    'Time-out budgets: each hop shorter than the one before',
    'An exercise that slows {resource} by two seconds',
  ],
  chain: (context) => [
    triggerOf(context, `${context.resource ?? 'the service'} became slow`),
    placeOf(context, context.resource ?? 'the caller'),
    observed(context, 'dependency-timed-out') ?? 'calls to it run into their time-out',
    context.impact,
  ],
  summary: (context) =>
    `Calls to ${context.resource ?? 'a service that the program needs'} time out. ${observed(context, 'dependency-timed-out') ?? context.impact}.`,
}
