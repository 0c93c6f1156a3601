import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import type { Git } from '../git.ts'
import type { Observation, PlannedRequest, Tally } from '../telemetry/index.ts'
import { builtAhead } from './built-ahead.ts'
import { withEditableInstalls } from './editable-installs.ts'
import { isWithin, moveInvocation, usesFolder } from './moved-paths.ts'
import type { Invocation } from './moved-paths.ts'
import { withPatchedCopy } from './patched-copy.ts'
import type { PatchedCopy } from './patched-copy.ts'
import { isWriting, requestsNeeded, routeFor, runTrial } from './proof-trial.ts'
import type { Trial, TrialDeps, TrialResult } from './proof-trial.ts'
import { judgeTrial } from './proof-verdict.ts'
import type { Proof } from './proof.ts'
import { stateElsewhere } from './state-elsewhere.ts'

export type ProofDeps = TrialDeps & { readonly git: Git }

export type ProofInput = Invocation & {
  /** A unified diff for the repository's root. */
  readonly patch: string
  /** The git work tree. */
  readonly repository: string
  /** What the run sent. */
  readonly requests: readonly PlannedRequest[]
  readonly ratePerSecond?: number
  readonly followLogs: readonly string[]
  /** Over the routes that failed in the run. */
  readonly before: Tally
  readonly failingRoutes: readonly string[]
  /** To each route that failed; at least, and 200 by default. */
  readonly requestCount?: number
  /** What the run saw of the program's surroundings. */
  readonly observed?: Pick<Observation, 'outbound' | 'writes'>
  readonly readinessTimeoutMs?: number
}

const REQUEST_COUNT = 200
const RATE_PER_SECOND = 20
const READINESS_TIMEOUT_MS = 60_000

/**
 * Tries a fix: a copy of the work tree with the patch, the same command in the copy, the same requests. The first
 * program must have ended, because the copy listens where it did. Nothing of the original is written to, and the copy
 * and its processes are gone afterwards.
 */
export async function proveFix(deps: ProofDeps, input: ProofInput): Promise<Proof> {
  if (!input.requests.some((request) => input.failingRoutes.includes(routeFor(request)))) {
    return notTried('no request that we sent failed, so there is nothing to compare')
  }
  try {
    deps.onProgress('trying the fix on a copy of the work tree')
    const repository = await rootOf(deps.git, input.repository)
    const followLogs = await Promise.all(input.followLogs.map((log) => realOf(resolve(input.cwd, log))))
    const copyInput = { repository, patch: input.patch, followLogs }
    const spellings = [resolve(input.repository)]
    const result = await withPatchedCopy(deps, copyInput, (copy) =>
      tryIn(deps, { copy, repository, followLogs, spellings }, input),
    )
    return 'kind' in result ? result : notTried(result.reason)
  } catch (error) {
    if (deps.signal.aborted) return notTried('stopped by hand')
    if (error instanceof AppError && BREAKS_START.has(error.code)) return doesNotStart(input.before, error)
    if (error instanceof AppError)
      return notTried(`with the patch, in a copy of the work tree: ${error.message}`)
    throw error
  }
}

/** It ran before and does not run with the patch: that was a trial, and the patch failed it. */
const BREAKS_START: ReadonlySet<AppError['code']> = new Set(['COMMAND_EXITED', 'NEVER_LISTENED'])

function doesNotStart(before: Tally, error: AppError): Proof {
  const note = `with the patch, in a copy of the work tree, the program does not start: ${error.message}`
  return { kind: 'tried', proven: false, before, after: { requests: 0, failed: 0 }, note }
}

const notTried = (reason: string): Proof => ({ kind: 'not-tried', reason })

async function rootOf(git: Git, folder: string): Promise<string> {
  const { bytes } = await git.run(folder, ['rev-parse', '--show-toplevel'])
  return realOf(bytes.toString('utf8').replace(/\n$/, ''))
}

async function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}

type Setting = {
  readonly copy: PatchedCopy
  readonly repository: string
  readonly followLogs: readonly string[]
  readonly spellings: readonly string[]
}

async function tryIn(deps: ProofDeps, setting: Setting, input: ProofInput): Promise<Proof> {
  const { copy, repository } = setting
  const given = { command: input.command, cwd: await realOf(input.cwd), env: input.env }
  const move = { from: repository, to: copy.root }
  const moved = moveInvocation(given, move, setting.spellings)
  if (!usesFolder(given, moved)) return notTried('the command does not run from the repository')
  const invocation = await withEditableInstalls(moved, move)
  const built = await builtAhead(invocation, copy)
  if (built !== null) return notTried(built)

  const writing = input.requests.filter(isWriting)
  const elsewhere = writing.length === 0 ? null : await stateOf(setting, invocation, input)
  const requests =
    elsewhere === null ? input.requests : input.requests.filter((request) => !isWriting(request))
  const sent = new Set(input.requests.map(routeFor))
  // What others asked for, as access logs tell it, was not ours to send, and is not now.
  const failingRoutes = input.failingRoutes.filter((route) => sent.has(route))
  const routes = failingRoutes.filter((route) => requests.some((request) => routeFor(request) === route))
  if (routes.length === 0) {
    return notTried(
      `the requests that failed write, and ${elsewhere}: nobody's data is put at risk for a proof`,
    )
  }
  const count = requestsNeeded(input.before, failingRoutes.length, input.requestCount ?? REQUEST_COUNT)
  const result = await runOnceFree(deps, {
    invocation,
    requests,
    routes,
    count,
    ratePerSecond: input.ratePerSecond ?? RATE_PER_SECOND,
    readinessTimeoutMs: input.readinessTimeoutMs ?? READINESS_TIMEOUT_MS,
  })
  const remarks = [
    ...(elsewhere === null ? [] : [`requests that write were not sent, because ${elsewhere}`]),
    ...(copy.leftOut.length === 0 ? [] : [`too large to copy and left out: ${copy.leftOut.join(', ')}`]),
  ]
  return judgeTrial({ before: input.before, result, failingRoutes, triedRoutes: routes, count, remarks })
}

const PORT_WAIT_MS = 5_000
const PORT_TRIES = 14

/**
 * The system keeps a port for a minute after connections that a server closed itself; programs that don't ask for it
 * all the same (SO_REUSEADDR) cannot listen there again before.
 */
async function runOnceFree(deps: ProofDeps, trial: Trial): Promise<TrialResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runTrial(deps, trial)
    } catch (error) {
      const isTaken =
        error instanceof AppError && /EADDRINUSE|address (?:is )?already in use/i.test(error.message)
      if (!isTaken || tries === PORT_TRIES) throw error
      deps.onProgress('the system still keeps the port of the first program; waiting for it')
      await pause(PORT_WAIT_MS, undefined, { signal: deps.signal })
    }
  }
}

function stateOf(setting: Setting, invocation: Invocation, input: ProofInput): Promise<string | null> {
  const { copy, repository, followLogs } = setting
  const writes = (input.observed?.writes ?? []).filter(
    (file) => !isWithin(repository, file) && !followLogs.includes(file) && !/\.log(?:\.\d+)?$/.test(file),
  )
  const outbound = input.observed?.outbound ?? []
  return stateElsewhere({ invocation, root: copy.root, files: copy.files, outbound, writes })
}
