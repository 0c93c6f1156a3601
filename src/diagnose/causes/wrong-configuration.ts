import type { Cause, CauseContext } from './cause.ts'
import { errorOf, observed, ofResource, placeOf, triggerOf, whatTheCommitDid } from './cause.ts'

export const wrongConfiguration: Cause = {
  id: 'wrong-configuration',
  title: 'A setting is wrong',
  symptoms: [
    'A configuration value is refused, or points to the wrong place',
    'It begins with a change of configuration, not of code',
    'Names, addresses or limits differ from those that worked',
  ],
  investigation: [
    {
      what: 'What changed in configuration?',
      command:
        'git log -p PREVIOUS..FAILING -- "*.yml" "*.yaml" "*.toml" "*.env*" "*.conf" "*.json" "*.properties"',
    },
    {
      what: 'The values in force on a failing and on a healthy instance',
      command: 'diff <(ssh A cat CONFIG) <(ssh B cat CONFIG)',
    },
  ],
  immediateFix: ['Take back the change of configuration ({commit}) and reload'],
  permanentFix: [
    'Check values against a schema before they are released',
    'Release configuration like code: one instance first',
  ],
  verify: ['The program starts with the new configuration in staging', 'The failing routes answer'],
  prevention: [
    'A schema with allowed ranges for the configuration, checked in the pipeline',
    'Configuration changes go through the same stages as code',
  ],
  chain: (context) => [
    triggerOf(context, 'a change of configuration'),
    placeOf(context, 'the configuration'),
    observed(context, 'invalid-configuration-error') ?? whatTheCommitDid(context) ?? errorOf(context),
    context.impact,
  ],
  summary: (context) =>
    `A configuration value is wrong${ofResource(context, 'for')}. ${observed(context, 'invalid-configuration-error') ?? whatChanged(context) ?? context.impact}.`,
}

/** `Commit 1a2b3c4d5e "Fail fast" changed timeoutMs from 2000 to 50 in config.json`, or null. */
function whatChanged(context: CauseContext): string | null {
  const did = whatTheCommitDid(context)
  if (did === null) return null
  return `C${triggerOf(context, '').slice(1)} ${did.replace(/^a commit /, '')}`
}
