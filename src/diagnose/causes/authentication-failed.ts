import type { Cause } from './cause.ts'
import { observed, placeOf, triggerOf } from './cause.ts'

export const authenticationFailed: Cause = {
  id: 'authentication-failed',
  title: 'Credentials are refused',
  symptoms: [
    '"password authentication failed", "Access denied", 401 or 403 from a service that it needs',
    'Every call with these credentials fails, from one moment on',
    'A secret was rotated, expired or changed',
  ],
  investigation: [
    {
      what: 'Do the credentials work by hand?',
      command: 'psql "host=HOST user=USER dbname=DB" -c "select 1"',
    },
    {
      what: 'When was the secret last changed, and did all instances restart after it?',
      command: 'kubectl get secret NAME -o jsonpath="{.metadata.managedFields[*].time}"',
    },
    { what: 'The log of the other side: which user, which reason?', command: null },
  ],
  immediateFix: [
    'Put the right secret for {resource} in place and restart the instances',
    'Make the old secret valid again until all have the new one',
  ],
  permanentFix: [
    'Rotate with an overlap: two valid secrets, switch, then remove the old one',
    'Read secrets again when they are refused',
  ],
  verify: ['Calls to {resource} succeed on every instance', 'No refused login for an hour'],
  prevention: [
    'An alert before tokens and passwords expire',
    'A start-up check that logs in once and says what was refused',
    'A rotation exercise in staging',
  ],
  chain: (context) => [
    triggerOf(context, 'a secret was rotated, expired or changed on one side only'),
    context.resource ?? placeOf(context, 'the login'),
    observed(context, 'authentication-error') ?? 'the login is refused',
    context.impact,
  ],
  summary: (context) =>
    `${context.resource ?? 'The other side'} refuses the program's credentials. ${observed(context, 'authentication-error') ?? context.impact}.`,
}
