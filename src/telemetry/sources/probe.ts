import { AppError } from '../../errors.ts'
import { derivedMetrics } from '../derived-metrics.ts'
import type { DerivedMetric } from '../derived-metrics.ts'
import type { ProbeResult } from '../probe-result.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import { createFigures, resourceOf } from './figures.ts'
import { createHandOver } from './hand-over.ts'
import type { ProbeCheck, ProbeSight } from './probe-check.ts'
import { openDnsCheck } from './probe-dns.ts'
import type { DnsCheckOptions } from './probe-dns.ts'
import { openHttpCheck } from './probe-http.ts'
import type { HttpCheckOptions } from './probe-http.ts'
import { openTcpCheck } from './probe-tcp.ts'
import type { TcpCheckOptions } from './probe-tcp.ts'
import { openTlsCheck } from './probe-tls.ts'
import type { TlsCheckOptions } from './probe-tls.ts'
import { scheduledState } from './scheduled-state.ts'
import { startSchedule } from './schedule.ts'
import type { Source, SourceDeps } from './source.ts'

/** A synthetic check on a schedule. */
export type ProbeOptions = {
  readonly name: string
  readonly service: string | null
  /** 10 s where it is left out. */
  readonly everyMs?: number | undefined
  /** 5 s where it is left out; a look that takes longer is a failure. */
  readonly timeoutMs?: number | undefined
  readonly check: HttpCheckOptions | TcpCheckOptions | TlsCheckOptions | DnsCheckOptions
}

const EVERY_MS = 10_000
const TIMEOUT_MS = 5_000
/** Whether one failed look was an accident is known a second later, not ten. */
const EVERY_MS_WHILE_FAILING = 1_000

/** Name and unit of the OpenTelemetry Collector's TLS check. */
const TLS_TIME_LEFT: DerivedMetric = {
  name: 'tlscheck.time_left',
  unit: 's',
  description: 'Time until the certificate expires',
}

/**
 * Looks at one target from outside, as a user would: each look is one `ProbeResult` and its duration as a metric. A
 * failing probe looks every second for a minute. No look waits for another, none outlives its time-out. Throws
 * `USAGE` for a check that can never be right.
 */
export function startProbe(deps: SourceDeps, options: ProbeOptions): Source {
  const { everyMs = EVERY_MS, timeoutMs = TIMEOUT_MS } = options
  checkTimes(options.name, { everyMs, timeoutMs })
  const check = openCheck(deps, options.check)
  const handOver = createHandOver(deps)
  let lastReason: string | null = null

  const look = async (stopping: AbortSignal): Promise<boolean> => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const beganAt = performance.now()
    const at = deps.now()
    const sight = await check.look(AbortSignal.any([stopping, timeout])).catch((error: unknown) => ({
      reason: timeout.aborted ? `expected an answer within ${timeoutMs} ms, found none` : wordsOf(error),
      expiresInSeconds: null,
    }))
    if (stopping.aborted) return true // what it did not get to see says nothing
    const durationMs = performance.now() - beganAt
    const result = resultOf(options, check, { ...sight, at, durationMs })
    lastReason = result.reason
    handOver.give(batchesOf(result))
    return result.succeeded
  }
  const schedule = startSchedule({
    everyMs,
    everyMsWhileFailing: EVERY_MS_WHILE_FAILING,
    random: deps.random,
    signal: deps.signal,
    look,
  })
  return {
    async stop() {
      await schedule.stop()
      await handOver.close()
      await check.close()
    },
    // A target that fails is what a probe is for: the probe itself works.
    state: () => scheduledState(handOver, lastReason === null ? null : ''),
  }
}

function openCheck({ now }: SourceDeps, check: ProbeOptions['check']): ProbeCheck {
  if (check.kind === 'http') return openHttpCheck(check)
  if (check.kind === 'tcp') return openTcpCheck(check)
  return check.kind === 'tls' ? openTlsCheck(now, check) : openDnsCheck(check)
}

function checkTimes(name: string, times: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(times)) {
    if (value >= 100) continue
    throw new AppError('USAGE', `probe ${name}: expected ${key} of at least 100 ms, found ${value}`)
  }
}

function resultOf(
  { name, service }: ProbeOptions,
  { kind, target }: ProbeCheck,
  { at, durationMs, reason, expiresInSeconds }: ProbeSight & Pick<ProbeResult, 'at' | 'durationMs'>,
): ProbeResult {
  const succeeded = reason === ''
  return { at, probe: name, kind, target, service, succeeded, durationMs, reason, expiresInSeconds }
}

function batchesOf(result: ProbeResult): readonly TelemetryBatch[] {
  const figures = createFigures(resourceOf({ service: result.service, instance: '' }, {}), result.at)
  const attributes = new Map([
    ['probe', result.probe],
    ['probe.kind', result.kind],
    ['probe.target', result.target],
  ])
  figures.gauge(derivedMetrics.probeDuration, result.durationMs, attributes)
  figures.gauge(TLS_TIME_LEFT, result.expiresInSeconds, attributes)
  return [
    { kind: 'probes', items: [result] },
    { kind: 'metrics', items: figures.points },
  ]
}

/** What the network said: a code people know where there is one. Names all that was tried. */
function wordsOf(error: unknown): string {
  const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
  const words = all.map((one) => (one instanceof Error ? one.message || one.name : String(one)))
  return `expected an answer, found: ${words.slice(0, 3).join('; ').slice(0, 500)}`
}
