import type { Cause } from './cause.ts'
import { observed, ofResource, triggerOf } from './cause.ts'

export const nameResolution: Cause = {
  id: 'name-resolution',
  title: 'A host name does not resolve',
  symptoms: [
    'ENOTFOUND, EAI_AGAIN, "no such host", "Name or service not known"',
    'Every call to that name fails before a connection is tried; calls by address work',
  ],
  investigation: [
    { what: "Does the name resolve from the application's machine?", command: 'getent hosts HOST; dig HOST' },
    { what: 'Which resolver does it ask, and is it up?', command: 'cat /etc/resolv.conf' },
    {
      what: 'In Kubernetes: service name, namespace, CoreDNS',
      command: 'kubectl get svc -A | grep NAME; kubectl -n kube-system logs -l k8s-app=kube-dns --tail=50',
    },
    { what: 'Was the name in the configuration changed?', command: 'git log -p -G"HOST" PREVIOUS..FAILING' },
  ],
  immediateFix: [
    'Correct the name or the record of {resource}',
    'Where the resolver is down: restart it, or point the machines to another one',
  ],
  permanentFix: ['Keep host names in one place, checked at start-up', 'Two resolvers and a local cache'],
  verify: ['getent hosts answers on every instance', 'Calls to {resource} succeed'],
  prevention: [
    'A start-up check that every configured host resolves',
    'An alert on resolver errors',
    'Delete records only after a week without queries',
  ],
  chain: (context) => [
    triggerOf(context, 'the name was removed, misspelt, or its resolver stopped answering'),
    `name resolution${ofResource(context, 'of')}`,
    observed(context, 'name-not-resolved') ?? 'the name has no address',
    context.impact,
  ],
  summary: (context) =>
    `The host name${ofResource(context, '')} does not resolve. ${observed(context, 'name-not-resolved') ?? context.impact}.`,
}
