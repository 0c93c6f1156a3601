import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { FingerprintJson, IncidentJson } from './contract/incident-json.ts'
import { diagnose, type Evidence, type ProposedFix } from './diagnose/index.ts'
import type { DowntimeObjective } from './duration.ts'
import { AppError } from './errors.ts'
import { createGit, type Git } from './git.ts'
import { prepareOutput, writeOutput } from './output.ts'
import { openRepository, workTree, type Repository } from './repository.ts'
import { respond, type Observed, type Responders, type Response } from './respond.ts'
import { fingerprintsJson, toHtml, toIncidentJson, toMarkdown } from './review/index.ts'
import {
  createLogDigester,
  createRequestLedger,
  probeDatabase,
  readDeploys,
  readLogs,
  readRequests,
  requestForUrl,
  toReplayFile,
  watchDatabase,
  watchProgram,
  type LogDigest,
  type Observation,
  type RecordedRequest,
  type RequestOutcome,
  type RequestSummary,
  type Tally,
  type WatchPlan,
} from './telemetry/index.ts'
import type { EpochMs } from './time.ts'
import { proveFix, replay, type Proof, type ReplayResult } from './verify/index.ts'

export type Progress = {
  readonly note: (text: string) => void
  readonly update: (text: string) => void
}
export type Doing = { readonly progress: Progress; readonly signal: AbortSignal; readonly stdin?: Readable }

type Common = {
  readonly repository: string | null
  readonly logs: readonly string[]
  readonly database: string | null
  readonly deploysFile: string | null
  readonly objective: DowntimeObjective | null
  readonly out: string
}

export type RunPlan = Common & {
  readonly command: readonly string[]
  readonly urls: readonly string[]
  readonly requestsFile: string | null
  readonly ratePerSecond: number | null
  readonly forMs: number | null
  readonly prove: boolean
}

export type InvestigatePlan = Common & {
  readonly since: EpochMs | null
  readonly until: EpochMs | null
  readonly timeZone: string
}

export type FingerprintPlan = {
  readonly files: readonly string[]
  readonly repository: string | null
  readonly timeZone: string
  readonly groupsFile: string | null
}

/** A finished response, and where it was written. */
export type Outcome = {
  readonly incident: IncidentJson
  readonly directory: string
  readonly files: readonly string[]
}

export type Fingerprinted = {
  readonly lines: number
  readonly fingerprints: readonly FingerprintJson[]
  readonly notes: readonly string[]
  readonly firstSeen: EpochMs | null
  readonly lastSeen: EpochMs | null
}

/** What the doors may ask for. */
export type App = {
  run(plan: RunPlan, doing: Doing): Promise<Outcome>
  investigate(plan: InvestigatePlan, doing: Doing): Promise<Outcome>
  fingerprint(plan: FingerprintPlan, doing: Doing): Promise<Fingerprinted>
  replay(plan: { file: string; url: string | null }, doing: Doing): Promise<ReplayResult>
  example(plan: { out: string }, doing: Doing): Promise<Outcome>
}

type Surroundings = { readonly env: NodeJS.ProcessEnv; readonly cwd: string }

/** The composition root: everything is built here, once, from what surrounds the process. */
export function createApp({ env, cwd }: Surroundings): App {
  const parts: Parts = { env, cwd, git: createGit({ environment: env }), now: Date.now }
  return {
    run: (plan, doing) => run(parts, plan, doing),
    investigate: (plan, doing) => investigate(parts, plan, doing),
    fingerprint: (plan, doing) => fingerprint(parts, plan, doing),
    replay: async ({ file, url }, doing) =>
      replay(
        { signal: doing.signal, onProgress: doing.progress.update },
        { requests: await readRequests(file), url },
      ),
    example: (plan, doing) => example(parts, plan, doing),
  }
}

type Parts = Surroundings & { readonly git: Git; readonly now: () => EpochMs }

async function fingerprint(parts: Parts, plan: FingerprintPlan, doing: Doing): Promise<Fingerprinted> {
  const repository = await repositoryOf(parts, plan.repository)
  const logs = await readLogs(readDeps(parts, doing), plan.files, {
    timeZone: plan.timeZone,
    signal: doing.signal,
    withGroups: plan.groupsFile !== null,
    ...filesOf(repository),
  })
  if (plan.groupsFile !== null) await writeGroups(plan.groupsFile, logs.groups ?? [])
  const { lines, firstSeen, lastSeen } = logs
  return {
    lines,
    firstSeen,
    lastSeen,
    fingerprints: fingerprintsJson(logs, new Set()),
    notes: notesOf(logs, repository),
  }
}

async function investigate(parts: Parts, plan: InvestigatePlan, doing: Doing): Promise<Outcome> {
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
  return write(directory, response, readableFailures(observed.requests))
}

const NOT_RUN: Proof = {
  kind: 'not-tried',
  reason: 'only files were read; `firebreak run` starts the program and tries the fix',
}

async function run(parts: Parts, plan: RunPlan, doing: Doing): Promise<Outcome> {
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
    seen = await watchProgram(watching, { ...program, requests: planned, forMs: plan.forMs })
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
  return write(directory, response, seen.failing)
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
  const failing = observed.requests.routes.filter(({ failed }) => failed > 0)
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

type ForResponse = {
  readonly repository: Repository | null
  readonly prove: Responders['prove']
}

function responders(parts: Parts, doing: Doing, { repository, prove }: ForResponse): Responders {
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

/** The repository that was named, else the work tree around the working directory, else none. */
async function repositoryOf({ git, cwd }: Parts, named: string | null): Promise<Repository | null> {
  const directory = named ?? (await workTree(git, cwd))
  return directory === null ? null : openRepository(git, directory)
}

function filesOf(repository: Repository | null): { repositoryFiles?: ReadonlySet<string> } {
  return repository === null ? {} : { repositoryFiles: repository.files }
}

function readDeps({ now }: Parts, { progress, stdin }: Doing) {
  const onProgress = (read: { bytes: number; totalBytes: number; file: string }): void => {
    const share = read.totalBytes > 0 ? `${Math.floor((read.bytes / read.totalBytes) * 100)} %` : ''
    progress.update(`reading ${read.file} ${Math.round(read.bytes / 1e6)} MB ${share}`)
  }
  return { now, onProgress, ...(stdin ? { stdin } : {}) }
}

function notesOf(logs: LogDigest, repository: Repository | null): readonly string[] {
  const ofFiles = logs.files.flatMap(({ file, notes }) => notes.map((note) => `${file}: ${note}`))
  return [...(repository?.notes ?? []), ...ofFiles]
}

async function writeGroups(file: string, groups: readonly number[]): Promise<void> {
  try {
    await writeFile(file, `[${groups.join(',')}]\n`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `--groups: expected a file that can be written, found ${file}: ${why}`,
      { cause },
    )
  }
}

async function write(
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

/**
 * The main job on a small failing program whose history is made as it runs. The maker prints, as one line of JSON,
 * where the repository is and how the program is run and asked.
 */
async function example(parts: Parts, plan: { out: string }, doing: Doing): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-example-'))
  try {
    const made = await makeExample(parts, folder)
    doing.progress.note(`made a small shop with its git history in ${folder}`)
    doing.progress.note(
      `firebreak run ${made.urls.map((url) => `--url ${url}`).join(' ')} -- ${made.command.join(' ')}`,
    )
    const inside = { ...parts, cwd: folder }
    const common = { repository: folder, logs: [], database: null, deploysFile: null, objective: null }
    const run_ = {
      ...common,
      ...made,
      requestsFile: null,
      ratePerSecond: null,
      forMs: null,
      prove: true,
      out: resolve(parts.cwd, plan.out),
    }
    return await run(inside, run_, doing)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type MadeExample = { readonly command: readonly string[]; readonly urls: readonly string[] }

async function makeExample(parts: Parts, folder: string): Promise<MadeExample> {
  const maker = resolve(import.meta.dirname, '..', 'examples', 'failing-shop.ts')
  const child = spawn(process.execPath, [maker, folder], {
    env: parts.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
  const [code] = await once(child, 'close')
  if (code !== 0)
    throw new AppError(
      'GIT_FAILED',
      `expected ${maker} to make the example, but it ended with ${String(code)}`,
    )
  return JSON.parse(printed) as MadeExample
}
