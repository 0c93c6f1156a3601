import type { Cause } from './cause.ts'
import { observed, placeOf, triggerOf } from './cause.ts'

export const rateLimited: Cause = {
  id: 'rate-limited',
  title: 'A service that it needs limits its calls',
  symptoms: [
    'Answers with 429, "rate exceeded", "quota exceeded"',
    'Some calls succeed, the rest are refused; worse at peak',
    'Retries make it worse',
  ],
  investigation: [
    {
      what: 'The limits and when they reset',
      command: 'curl -sI https://{resource}/ | grep -i -E "ratelimit|retry-after"',
    },
    { what: 'Calls per minute, by caller and key: which one grew?', command: null },
    {
      what: 'Did a release add calls or retries?',
      command: 'git log -p -i -G"retry|retries" PREVIOUS..FAILING',
    },
  ],
  immediateFix: ['Send fewer calls to {resource}: stop batch jobs, cache answers', 'Ask for a higher limit'],
  permanentFix: [
    'Wait as Retry-After says, with jitter; never retry at once',
    "Count one's own calls and stay below the limit",
    'Cache or batch the calls at {place}',
  ],
  verify: ['No 429 for an hour at peak', 'Calls per minute stay under 80 % of the limit'],
  prevention: [
    'An alert at 80 % of the quota',
    'A budget of calls per feature',
    'A separate key for batch jobs',
  ],
  chain: (context) => [
    triggerOf(context, observed(context, 'traffic-grows') ?? 'more calls than the limit allows'),
    context.resource ?? placeOf(context, 'the other service'),
    observed(context, 'rate-limited-error') ?? 'calls over the limit are refused',
    context.impact,
  ],
  summary: (context) =>
    `${context.resource ?? 'A service that the program needs'} refuses calls over its limit. ${observed(context, 'rate-limited-error') ?? context.impact}.`,
}
