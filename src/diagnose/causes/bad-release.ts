import type { Cause } from './cause.ts'
import { errorOf, observed, placeOf, triggerOf, whatTheCommitDid } from './cause.ts'

export const badRelease: Cause = {
  id: 'bad-release',
  title: 'A release broke it',
  symptoms: [
    'Failures begin with a release, with an error that was not seen before',
    'The failing route fails for every input, or other routes are untouched',
    'A commit of the release changed the failing line, or what it calls',
  ],
  investigation: [
    {
      what: 'Hold the time of the release against the first failure',
      command: 'kubectl rollout history deployment/APP',
    },
    { what: 'Read what the release changed', command: 'git diff PREVIOUS..FAILING' },
    { what: 'Look at the suspected commit', command: 'git show {commit}' },
    { what: 'Does only the new version fail? Compare instances by version', command: null },
  ],
  immediateFix: [
    'Roll back to the release before {commit}',
    'Or take back only the telling lines of {commit} and release again',
  ],
  permanentFix: [
    'Correct {place} and keep the rest of the release',
    'Add the failing request as a regression test',
  ],
  verify: [
    'The failing requests succeed when sent again (`firebreak replay`)',
    'The error rate is back to what it was before the release',
  ],
  prevention: [
    'A test that runs the failing route against real files and data, in the pipeline before the release',
    'Release to one instance first, and go on only while its error rate stays normal',
    'Roll back by itself when the error rate rises within minutes of a release',
    'Static type checks in the pipeline: a call with the wrong kind of argument is found without running it',
  ],
  chain: (context) => [
    triggerOf(
      context,
      observed(context, 'release-before-onset') ?? 'the code as it runs; when it came in is not known',
    ),
    placeOf(context),
    whatTheCommitDid(context) ??
      observed(context, 'missing-module-error', 'programming-error') ??
      errorOf(context),
    context.impact,
  ],
  summary: (context) => {
    const error = errorOf(context, 'a new error')
    const release = context.findings.some(({ kind }) => kind === 'release-before-onset')
    if (context.commit === null && !release) {
      return `The code at ${placeOf(context)} fails with ${error}, whatever the request; which release brought that is not known. ${context.impact}.`
    }
    return `${triggerOf(context, 'The last release')} made ${placeOf(context)} fail with ${error}. ${context.impact}.`
  },
}
