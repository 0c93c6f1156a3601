import { AppError } from '../../errors.ts'
import type { LabSystem } from '../platform/lab-system.ts'
import { oneAtATime } from '../platform/one-at-a-time.ts'
import type { Seed } from './chance.ts'
import { readLevel } from './fault.ts'
import type { ActiveFault, AppliedFault, Fault } from './fault.ts'
import { nearestNames } from './nearest-names.ts'
import type { FaultCheck } from './signs.ts'
import { endRecord, startRecord } from './truth-record.ts'
import type { EndReason, TruthRecord } from './truth-record.ts'

/** After this a fault is taken back by itself. */
export const LEASE_MS = 15 * 60_000

export type BreakRequest = {
  readonly name: string
  readonly level?: string
  readonly seed?: Seed
  readonly leaseMs?: number
}

/** The faults of one running lab: each has a lease, and none survives the lab. */
export type ActiveFaults = {
  list(): readonly ActiveFault[]
  /** Applies one, and resolves when it is in. Refuses unknown names and levels, and one that is in already. */
  apply(request: BreakRequest): Promise<ActiveFault>
  /** Takes back one, or all where none is named; newest first. Resolves when they are out; returns their names. */
  mend(name?: string): Promise<readonly string[]>
  /** Whether a fault that is in truly happened. */
  check(name: string): Promise<FaultCheck>
  /**
   * The lab goes down: nothing is taken back one by one, for its processes end, what stands beside them ends with the
   * supervisor, and the next lab starts from a new database. The record says that they are over.
   */
  close(): Promise<void>
}

export type ActiveFaultsOptions = {
  readonly system: LabSystem
  readonly catalogue: readonly Fault[]
  /** Sixty-four new random bits, for a request that brings no seed. */
  readonly drawSeed: () => Seed
  /** Writes where only the scorer of a drill reads. */
  readonly record: (entry: TruthRecord) => Promise<void>
}

type Entry = { readonly active: ActiveFault; readonly applied: AppliedFault; readonly timer: NodeJS.Timeout }

/** Keeps the faults of a lab. One change at a time: a fault is in or out before the next one begins. */
export function createActiveFaults(options: ActiveFaultsOptions): ActiveFaults {
  const { system, catalogue, record } = options
  const entries = new Map<string, Entry>()
  const inTurn = oneAtATime()

  async function put(request: BreakRequest): Promise<ActiveFault> {
    const fault = findFault(catalogue, request.name)
    const level = readLevel(fault, request.level)
    if (entries.has(fault.name)) throw alreadyIn(fault.name)
    const seed = request.seed ?? options.drawSeed()
    const since = system.now()
    const applied = await fault.apply(system, { level, seed })
    const until = system.now() + (request.leaseMs ?? LEASE_MS)
    const active: ActiveFault = { name: fault.name, level, seed, since, until }
    // The end of a lease is told in the record; there is nobody to answer to.
    const expire = (): void => void inTurn(() => take(fault.name, 'lease')).catch(() => {})
    const timer = setTimeout(expire, until - system.now())
    timer.unref()
    entries.set(fault.name, { active, applied, timer })
    await record(startRecord(active, fault, applied))
    return active
  }

  async function take(name: string, reason: EndReason): Promise<void> {
    const entry = entries.get(name)
    if (entry === undefined) return
    clearTimeout(entry.timer)
    entries.delete(name)
    const failure = await entry.applied.undo().then(
      () => null,
      (cause: unknown) => notTakenBack(name, cause),
    )
    await record(endRecord(name, { at: system.now(), reason, failure: failure?.message ?? null }))
    if (failure !== null) throw failure
  }

  /** Newest first, as they lie on top of each other; one that fails does not keep the others in. */
  async function takeAll(names: readonly string[]): Promise<readonly string[]> {
    const failures: unknown[] = []
    for (const name of names.toReversed()) {
      await take(name, 'mend').catch((failure: unknown) => failures.push(failure))
    }
    if (failures.length > 0) throw failures[0]
    return names
  }

  return {
    list: () => [...entries.values()].map(({ active }) => active),
    apply: (request) => inTurn(() => put(request)),
    mend: (name) =>
      inTurn(async () => {
        if (name === undefined) return takeAll([...entries.keys()])
        if (!entries.has(findFault(catalogue, name).name)) refuse(name)
        return takeAll([name])
      }),
    check: async (name) => (entries.get(name) ?? refuse(name)).applied.check(),
    async close() {
      // Not in turn: a change that is under way may wait for what is going down.
      for (const [name, { timer }] of entries) {
        clearTimeout(timer)
        await record(endRecord(name, { at: system.now(), reason: 'down', failure: null }))
      }
      entries.clear()
    },
  }
}

/** Looks a name up; where there is none, says which are near. */
export function findFault(catalogue: readonly Fault[], name: string): Fault {
  const found = catalogue.find((fault) => fault.name === name)
  if (found !== undefined) return found
  const names = catalogue.map((fault) => fault.name)
  const near = nearestNames(names, name)
  const hint =
    near.length > 0
      ? `did you mean ${near.slice(0, 4).join(', ')}?`
      : `such as ${names.slice(0, 4).join(', ')};`
  throw new AppError('USAGE', `expected the name of a fault, found "${name}"`, {
    hint: `${hint} \`firebreak lab faults\` lists all`,
  })
}

function alreadyIn(name: string): AppError {
  return new AppError('USAGE', `${name} is in the system already`, {
    hint: '`firebreak lab mend` takes it out',
  })
}

function notTakenBack(name: string, cause: unknown): AppError {
  const first: unknown = cause instanceof SuppressedError ? cause.error : cause // the last of several steps
  const why = first instanceof Error ? first.message : String(first)
  return new AppError('LAB_FAILED', `expected to take back ${name}, but it failed: ${why}`, {
    hint: '`firebreak lab down`, then `firebreak lab up` brings the system up as new',
    cause,
  })
}

function refuse(name: string): never {
  throw new AppError('USAGE', `expected a fault that is in the system, found ${name}, which is not`, {
    hint: '`firebreak lab status` lists those that are',
  })
}
