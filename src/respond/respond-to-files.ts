import { filesOf, notesOf, readDeps, repositoryOf, type Doing, type Parts } from '../parts.ts'
import { prepareOutput } from './output.ts'
import { responders, writeReview, type Common, type Outcome } from './responders.ts'
import { respond, type Observed } from './respond.ts'
import {
  createRequestLedger,
  probeDatabase,
  readDeploys,
  readLogs,
  type RecordedRequest,
  type RequestSummary,
} from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Proof } from '../verify/index.ts'

export type InvestigatePlan = Common & {
  readonly since: EpochMs | null
  readonly until: EpochMs | null
  readonly timeZone: string
}

/** From files alone: logs, a repository, deploys. */
export async function respondToFiles(parts: Parts, plan: InvestigatePlan, doing: Doing): Promise<Outcome> {
  const deploys = plan.deploysFile === null ? [] : await readDeploys(plan.deploysFile)
  const repository = await repositoryOf(parts, plan.repository)
  const directory = await prepareOutput(plan.out)
  doing.progress.note(`the review goes to ${directory}`)
  const ledger = createRequestLedger()
  const logs = await readLogs(readDeps(parts, doing), plan.logs, {
    timeZone: plan.timeZone,
    since: plan.since,
    until: plan.until,
    signal: doing.signal,
    onRequest: (outcome) => ledger.record(outcome, 'access-log'),
    ...filesOf(repository),
  })
  for (const note of notesOf(logs, repository)) doing.progress.note(note)
  const databaseProbes =
    plan.database === null ? [] : [await probeDatabase({ ...parts, ...doing }, plan.database)]
  const observed: Observed = {
    how: 'investigate',
    logs,
    requests: ledger.summary(),
    process: null,
    repository: repository?.root ?? null,
    deploys,
    databaseProbes,
    observedFrom: logs.firstSeen,
    observedUntil: logs.lastSeen,
    objective: plan.objective,
  }
  const prove = async (): Promise<Proof> => NOT_RUN
  const response = await respond(responders(parts, doing, { repository, prove }), observed)
  return writeReview(directory, response, readableFailures(observed.requests))
}

const NOT_RUN: Proof = {
  kind: 'not-tried',
  reason: 'only files were read; `firebreak run` starts the program and tries the fix',
}

/** Failing requests as access logs tell them: those whose whole path is known and that change nothing. */
function readableFailures(requests: RequestSummary): readonly RecordedRequest[] {
  return requests.routes.flatMap(({ route, requests: count, failed, answers }) => {
    const [method = '', path = ''] = route.split(' ', 2)
    if (failed === 0 || method !== 'GET' || !path.startsWith('/') || /[{…]/.test(path)) return []
    const failures = [...answers].filter(([answer]) => !/^[1-4]/.test(answer))
    const observed = { requests: count, failed, answers: Object.fromEntries(failures) }
    return [{ url: `http://127.0.0.1${path}`, method, headers: {}, body: null, weight: 1, observed }]
  })
}
