import type { Cause } from './cause.ts'
import { observed, placeOf, triggerOf } from './cause.ts'

export const outOfMemory: Cause = {
  id: 'out-of-memory',
  title: 'Memory ran out',
  symptoms: [
    '"heap out of memory", OutOfMemoryError, MemoryError, OOMKilled, exit code 137',
    'The process disappears and starts again; requests under way are lost',
    'One large request or job, or a limit that is too low',
  ],
  investigation: [
    {
      what: 'Who was killed, and by which limit?',
      command: 'dmesg -T | grep -i -E "oom|killed process"; kubectl describe pod POD | grep -A3 "Last State"',
    },
    { what: 'Memory now', command: 'free -h; top -o %MEM; docker stats' },
    { what: 'Did it rise slowly (a leak) or at once (one request)?', command: null },
  ],
  immediateFix: [
    'Restart the process',
    'Raise its memory limit',
    'Refuse the request or job that needs so much',
  ],
  permanentFix: [
    'Process large data as a stream at {place}',
    "Set the runtime's heap below the container's limit",
    'Find the leak where memory rose slowly',
  ],
  verify: ['Peak memory stays under 80 % of the limit under load', 'No restart for lack of memory for a day'],
  prevention: [
    'An alert at 80 % of the memory limit',
    'A limit on body and result sizes',
    'A load test with the largest real inputs',
  ],
  chain: (context) => [
    triggerOf(context, 'more data at once than the memory limit allows'),
    placeOf(context, 'the process'),
    observed(context, 'out-of-memory-error', 'process-killed') ?? 'memory cannot be allocated',
    context.impact,
  ],
  summary: (context) =>
    `The program ran out of memory. ${observed(context, 'out-of-memory-error', 'process-killed') ?? context.impact}.`,
}
