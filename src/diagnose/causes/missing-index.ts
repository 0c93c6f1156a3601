import type { Cause } from './cause.ts'
import { observed, placeOf, triggerOf } from './cause.ts'

export const missingIndex: Cause = {
  id: 'missing-index',
  title: 'An index is missing',
  symptoms: [
    'Statements on one table became slow at once',
    'Plans show a sequential scan over a large table',
    'A migration dropped or renamed an index, or added a column without one',
  ],
  investigation: [
    { what: 'Read the plan of the slow statement', command: 'EXPLAIN (ANALYZE, BUFFERS) STATEMENT;' },
    {
      what: 'Tables that are read whole',
      command:
        'SELECT relname, seq_scan, seq_tup_read, idx_scan FROM pg_stat_user_tables ORDER BY seq_tup_read DESC LIMIT 10;',
    },
    {
      what: 'Which migration dropped it?',
      command: 'git log -p -i -G"drop index|dropIndex|remove_index" PREVIOUS..FAILING',
    },
  ],
  immediateFix: [
    'Create the index again without blocking writes: CREATE INDEX CONCURRENTLY … (MySQL: ALGORITHM=INPLACE, LOCK=NONE)',
    'Cancel the statements that pile up',
  ],
  permanentFix: [
    'Take back the part of {commit} that dropped the index, in a new migration',
    'Keep the index definition beside the statement that needs it',
  ],
  verify: ['EXPLAIN shows an index scan', 'Response times are back to what they were before {commit}'],
  prevention: [
    'A check in the pipeline that migrations which drop an index name the statements that used it',
    'Drop an index in two steps: make it invisible first, drop it a week later',
    'An alert on sequential scans of large tables',
  ],
  chain: (context) => [
    triggerOf(context, 'a migration dropped an index'),
    context.resource ?? placeOf(context, 'the table'),
    observed(context, 'statements-long-running', 'slow-query-logged', 'commit-dropped-index') ??
      'each statement reads the whole table',
    context.impact,
  ],
  summary: (context) =>
    `${triggerOf(context, 'A migration')} dropped an index that the failing statements need (${placeOf(context)}). ${context.impact}.`,
}
