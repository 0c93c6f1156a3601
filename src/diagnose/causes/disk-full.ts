import type { Cause } from './cause.ts'
import { observed, placeOf } from './cause.ts'

export const diskFull: Cause = {
  id: 'disk-full',
  title: 'A disk is full',
  symptoms: [
    '"No space left on device" (ENOSPC)',
    'Reads work, writes fail: uploads, logs, temporary files, the database',
    'Several programs of the same machine fail at once',
  ],
  investigation: [
    { what: 'Which file system, and is it space or inodes?', command: 'df -h; df -i' },
    { what: 'What fills it?', command: 'du -xh / --max-depth=2 2>/dev/null | sort -h | tail -20' },
    { what: 'Deleted files that are still open', command: 'lsof +L1' },
  ],
  immediateFix: [
    'Free space: rotate and compress logs, remove old releases, dumps and temporary files',
    'Enlarge the volume',
  ],
  permanentFix: [
    'Rotate logs by size with a limit on their number',
    'Put data, logs and temporary files on volumes of their own, so that one cannot stop the others',
    'Handle the failed write at {place}',
  ],
  verify: ['df shows at least 20 % free', 'A test write succeeds; the failing routes answer'],
  prevention: [
    'An alert at 80 % and on "full within 24 hours"',
    'Log rotation with a hard limit',
    'Clean-up of temporary files by age',
  ],
  chain: (context) => [
    'files grew until the volume was full',
    placeOf(context, 'the file system'),
    observed(context, 'no-space-error') ?? 'writes are refused',
    context.impact,
  ],
  summary: (context) =>
    `A file system is full; writes fail. ${observed(context, 'no-space-error') ?? context.impact}.`,
}
