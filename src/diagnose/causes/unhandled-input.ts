import type { Cause } from './cause.ts'
import { errorOf, placeOf, triggerOf } from './cause.ts'

export const unhandledInput: Cause = {
  id: 'unhandled-input',
  title: 'Some inputs are not handled',
  symptoms: [
    'Some requests of a route fail, always the same ones; the rest succeed',
    'The exception speaks of a value: missing key, null, number or date that cannot be read, index out of range',
    'The code is older than the failures; the input is new',
  ],
  investigation: [
    {
      what: 'Compare failing and succeeding requests of the same route: what do the failing ones share?',
      command: null,
    },
    {
      what: 'Send one failing request again: it must fail each time',
      command: 'firebreak replay FILE --url URL',
    },
    { what: 'Read who checks the value before {place}', command: null },
  ],
  immediateFix: [
    'Answer such inputs with 400 at the door of the route instead of failing at {place}',
    'Block or fix the sender, where it is one client',
  ],
  permanentFix: [
    'Check the input where it enters: type, range, presence',
    'Handle the missing case at {place} explicitly',
  ],
  verify: [
    'The recorded failing requests get an answer below 500',
    'The error at {place} does not appear any more',
  ],
  prevention: [
    'A schema at the door of each route that refuses what the code cannot handle',
    'Property-based tests with empty, missing, huge and foreign values for this route',
    'Count 400 and 500 answers per route, so that a new client that sends odd values is noticed',
  ],
  chain: (context) => [
    triggerOf(context, 'requests with a value that the code does not expect'),
    placeOf(context),
    `the value is used without a check: ${errorOf(context)}`,
    context.impact,
  ],
  summary: (context) =>
    `Some inputs make ${placeOf(context)} fail with ${errorOf(context)}; the rest is served. ${context.impact}.`,
}
