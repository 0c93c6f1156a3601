import type { Cause } from './cause.ts'
import { errorOf, observed, placeOf, triggerOf } from './cause.ts'

export const missingConfiguration: Cause = {
  id: 'missing-configuration',
  title: 'A setting is missing',
  symptoms: [
    'An environment variable, secret or configuration file that the code reads is not there',
    'It begins with a release, a new environment or a new instance',
    'Every request that needs the setting fails, or the program does not start',
  ],
  investigation: [
    {
      what: 'What does the process have? (names only)',
      command: "tr '\\0' '\\n' < /proc/PID/environ | cut -d= -f1 | sort",
    },
    {
      what: 'What does the code ask for?',
      command: 'git grep -nE "getenv|environ|process\\.env|System.getenv|ENV\\["',
    },
    { what: 'Which commit began to ask for it?', command: 'git log -S"NAME" --oneline' },
  ],
  immediateFix: ['Set what is missing and restart the instances', 'Roll back to the release before {commit}'],
  permanentFix: [
    'Read all settings once, at start-up, and refuse to start with a list of what is missing',
    'Give {place} a default where there is a safe one',
  ],
  verify: [
    'The program starts and the failing route answers on every instance',
    'The list of settings in the deployment equals the list that the code reads',
  ],
  prevention: [
    'A schema for the configuration, checked at start-up and in the pipeline',
    'New settings are added to every environment before the code that needs them',
    'A readiness probe that fails when a setting is missing',
  ],
  chain: (context) => [
    triggerOf(context, 'the setting was not added to this environment'),
    placeOf(context, 'the configuration'),
    observed(context, 'missing-configuration-error') ?? errorOf(context),
    context.impact,
  ],
  summary: (context) =>
    `A setting that ${placeOf(context)} needs is missing. ${observed(context, 'missing-configuration-error') ?? context.impact}.`,
}
