import type { IncidentJson } from '../contract/incident-json.ts'
import { diagnose, type Evidence } from '../diagnose/index.ts'
import type { DowntimeObjective } from '../duration.ts'
import { writeOutput } from './output.ts'
import type { Doing, Parts } from '../parts.ts'
import type { Repository } from '../repository.ts'
import type { Responders, Response } from './respond.ts'
import { toHtml, toIncidentJson, toMarkdown } from '../review/index.ts'
import { toReplayFile, type RecordedRequest } from '../telemetry/index.ts'

/** What `run` and `investigate` are both asked. */
export type Common = {
  readonly repository: string | null
  readonly logs: readonly string[]
  readonly database: string | null
  readonly deploysFile: string | null
  readonly objective: DowntimeObjective | null
  readonly out: string
}

export type Outcome = {
  readonly incident: IncidentJson
  readonly directory: string
  readonly files: readonly string[]
}

type ForResponse = {
  readonly repository: Repository | null
  readonly prove: Responders['prove']
}

/** The functions with which `respond` reaches the world. */
export function responders(parts: Parts, doing: Doing, { repository, prove }: ForResponse): Responders {
  const { git, now } = parts
  const source = {
    readFile: async (path: string) => repository?.readFile(path) ?? null,
    listFiles: async () => repository?.files ?? new Set<string>(),
  }
  return {
    now,
    prove,
    onProgress: doing.progress.note,
    diagnose: (evidence: Evidence) => diagnose({ ...source, git }, evidence),
  }
}

/** Writes the files of a finished response. */
export async function writeReview(
  directory: string,
  response: Response,
  failing: readonly RecordedRequest[],
): Promise<Outcome> {
  const { review, patch } = response
  const incident = toIncidentJson(review)
  const files = await writeOutput(directory, {
    'review.md': toMarkdown(review),
    'review.html': toHtml(review),
    'incident.json': `${JSON.stringify(incident, null, 2)}\n`,
    ...(failing.length > 0 ? { 'replay.jsonl': toReplayFile(failing) } : {}),
    ...(patch === null ? {} : { 'fix.patch': patch }),
  })
  return { incident, directory, files }
}
