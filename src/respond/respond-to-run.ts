import { join } from 'node:path'
import type { ProposedFix } from '../diagnose/index.ts'
import { prepareOutput } from './output.ts'
import { filesOf, repositoryOf, type Doing, type Parts } from '../parts.ts'
import type { Repository } from '../repository.ts'
import { respond, type Observed } from './respond.ts'
import { responders, writeReview, type Common, type Outcome } from './responders.ts'
import {
  createLogDigester,
  createRequestLedger,
  readDeploys,
  readRequests,
  requestForUrl,
  routeOf,
  watchDatabase,
  watchProgram,
  type Observation,
  type RequestOutcome,
  type Tally,
  type WatchPlan,
} from '../telemetry/index.ts'
import { proveFix, type Proof } from '../verify/index.ts'

export type RunPlan = Common & {
  readonly command: readonly string[]
  readonly urls: readonly string[]
  readonly requestsFile: string | null
  readonly ratePerSecond: number | null
  readonly forMs: number | null
  readonly prove: boolean
}

export async function respondToRun(parts: Parts, plan: RunPlan, doing: Doing): Promise<Outcome> {
  const { env, cwd, now } = parts
  const deploys = plan.deploysFile === null ? [] : await readDeploys(plan.deploysFile)
  const planned = [
    ...plan.urls.map(requestForUrl),
    ...(plan.requestsFile === null ? [] : await readRequests(plan.requestsFile)),
  ]
  const repository = await repositoryOf(parts, plan.repository)
  const directory = await prepareOutput(plan.out)
  doing.progress.note(`the review goes to ${directory}`)
  for (const note of repository?.notes ?? []) doing.progress.note(note)

  const ledger = createRequestLedger()
  const onRequest = (outcome: RequestOutcome): void => ledger.record(outcome, 'access-log')
  const digester = createLogDigester({ now: now(), onRequest, ...filesOf(repository) })
  const database =
    plan.database === null ? null : await watchDatabase({ now, signal: doing.signal }, plan.database)
  const program = {
    command: plan.command,
    cwd,
    env,
    followLogs: plan.logs,
    ...(plan.ratePerSecond === null ? {} : { ratePerSecond: plan.ratePerSecond }),
  }
  let seen: Observation
  try {
    const watching = { now, digester, ledger, onProgress: doing.progress.note, signal: doing.signal }
    // Programs that log into a file do so where they run, more often than not.
    const followed = plan.logs.length > 0 ? plan.logs : [join(cwd, '*.log')]
    const watched = { ...program, followLogs: followed, requests: planned, forMs: plan.forMs }
    seen = await watchProgram(watching, watched)
  } finally {
    await database?.stop()
  }
  const observed: Observed = {
    how: 'run',
    logs: digester.digest(),
    requests: ledger.summary(),
    process: seen.process,
    repository: repository?.root ?? null,
    deploys,
    databaseProbes: database?.probes() ?? [],
    observedFrom: seen.from,
    observedUntil: seen.until,
    objective: plan.objective,
  }
  const prove = async (fix: ProposedFix): Promise<Proof> =>
    tryFix(parts, doing, { fix, wanted: plan.prove, repository, program, seen, observed })
  const response = await respond(responders(parts, doing, { repository, prove }), observed)
  return writeReview(directory, response, seen.failing)
}

type Trial = {
  readonly fix: ProposedFix
  readonly wanted: boolean
  readonly repository: Repository | null
  readonly program: Pick<WatchPlan, 'command' | 'cwd' | 'env' | 'followLogs' | 'ratePerSecond'>
  readonly seen: Observation
  readonly observed: Observed
}

async function tryFix(parts: Parts, doing: Doing, trial: Trial): Promise<Proof> {
  const { fix, repository, program, seen, observed } = trial
  const notTried = (reason: string): Proof => ({ kind: 'not-tried', reason })
  if (!trial.wanted) return notTried('--no-prove was given')
  if (doing.signal.aborted) return notTried('stopped by hand')
  if (fix.patch === null || repository === null) return notTried('there is no patch to try')
  // Routes that only the program's own access log knows are not sent again, so they can't be compared.
  const sent = new Set(seen.requests.map(({ method, url }) => routeOf(method, new URL(url).pathname)))
  const failing = observed.requests.routes.filter(({ route, failed }) => failed > 0 && sent.has(route))
  return proveFix(
    { now: parts.now, git: parts.git, signal: doing.signal, onProgress: doing.progress.note },
    {
      ...program,
      patch: fix.patch,
      repository: repository.root,
      requests: seen.requests,
      before: sumOf(failing),
      failingRoutes: failing.map(({ route }) => route),
      observed: seen,
    },
  )
}

function sumOf(routes: readonly Tally[]): Tally {
  return routes.reduce<Tally>(
    (sum, { requests, failed }) => ({ requests: sum.requests + requests, failed: sum.failed + failed }),
    { requests: 0, failed: 0 },
  )
}
