import type { Cause } from './cause.ts'
import { observed, placeOf, since, triggerOf } from './cause.ts'

export const memoryLeak: Cause = {
  id: 'memory-leak',
  title: 'Memory is taken and never freed',
  symptoms: [
    'Resident memory rises steadily with requests and never falls',
    'Slower and slower (garbage collection), then the process is ended',
    'A restart helps for a while',
  ],
  investigation: [
    { what: 'Memory over time', command: 'docker stats; ps -o rss,etime,cmd -p PID' },
    {
      what: 'What fills it? Compare two heap dumps',
      command: 'kill -USR2 PID; jmap -histo:live PID; py-spy dump --pid PID',
    },
    {
      what: 'Which commit added a cache, a listener, a global list?',
      command: 'git log -p PREVIOUS..FAILING',
    },
  ],
  immediateFix: [
    'Restart the instances one after the other, before they run out',
    'Roll back to the release before {commit}',
    'Raise the memory limit to gain time',
  ],
  permanentFix: [
    'Bound what grows: size and age limits for caches, remove listeners, no request data in globals',
    'Keep a heap profile of the corrected version',
  ],
  verify: ['Under load for an hour, memory levels off', 'No restart for lack of memory for a day'],
  prevention: [
    'An alert on the slope of memory, not only on its level',
    'A soak test of an hour in the pipeline',
    'Memory limits per instance, so that one cannot take the machine with it',
  ],
  chain: (context) => [
    triggerOf(context, 'code that keeps what it should forget'),
    placeOf(context, 'the process'),
    observed(context, 'memory-grows') ?? 'memory grows with each request',
    context.impact,
  ],
  summary: (context) =>
    `The program keeps memory that it does not need any more${since(context)}. ${observed(context, 'memory-grows') ?? context.impact}.`,
}
