import type { Doing } from '../parts.ts'
import { readRequests } from '../telemetry/index.ts'
import { replay, type ReplayResult } from '../verify/index.ts'

/** The requests of a replay file, sent again. */
export async function replayFile(
  { file, url }: { file: string; url: string | null },
  { signal, progress }: Doing,
): Promise<ReplayResult> {
  return replay({ signal, onProgress: progress.update }, { requests: await readRequests(file), url })
}
