import type { Cause } from './cause.ts'
import { observed, placeOf, since, triggerOf } from './cause.ts'

export const fileDescriptorsExhausted: Cause = {
  id: 'file-descriptors-exhausted',
  title: 'No file descriptors are left',
  symptoms: [
    '"Too many open files" (EMFILE, ENFILE) in code that opens files or sockets',
    'New connections are not accepted',
    'It works after a restart, for a while',
  ],
  investigation: [
    {
      what: 'Open descriptors against the limit',
      command: 'ls /proc/PID/fd | wc -l; grep "open files" /proc/PID/limits',
    },
    {
      what: 'What are they?',
      command: "lsof -p PID | awk '{print $5, $9}' | sort | uniq -c | sort -rn | head",
    },
    {
      what: 'Sockets by state: CLOSE_WAIT is a socket that the program forgot to close',
      command: "ss -tanp | awk '{print $1}' | sort | uniq -c",
    },
  ],
  immediateFix: ['Restart the process', 'Raise the limit: LimitNOFILE= in the unit, ulimit -n'],
  permanentFix: [
    'Close files, sockets and response bodies on every path at {place}',
    'Reuse one HTTP client instead of making one per request',
  ],
  verify: ['Under load the number of descriptors levels off', 'No EMFILE for a day'],
  prevention: [
    'An alert at 80 % of the descriptor limit',
    'A test that counts descriptors before and after 1,000 requests',
  ],
  chain: (context) => [
    triggerOf(context, 'descriptors that are opened and not closed, or a low limit'),
    placeOf(context, 'the process'),
    observed(context, 'too-many-open-files') ?? 'nothing can be opened any more',
    context.impact,
  ],
  summary: (context) =>
    `The program has no file descriptors left${since(context)}. ${observed(context, 'too-many-open-files') ?? context.impact}.`,
}
