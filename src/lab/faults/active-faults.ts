import { AppError } from '../../errors.ts'
import type { LabSystem } from '../platform/lab-system.ts'
import type { Seed } from './chance.ts'
import { readLevel } from './fault.ts'
import type { ActiveFault, AppliedFault, Fault } from './fault.ts'
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
  /** Takes back all, at the end of the lab. */
  close(): Promise<void>
}

export type ActiveFaultsOptions = {
  readonly system: LabSystem
  readonly catalogue: readonly Fault[]
  /** Sixty-four new random bits, for a request that brings no seed. */
  drawSeed(): Seed
  /** Writes where only the scorer of a drill reads. */
  record(entry: TruthRecord): Promise<void>
}

type Entry = ActiveFault & { readonly applied: AppliedFault; readonly timer: NodeJS.Timeout }

/** Keeps the faults of a lab. One change at a time: a fault is in or out before the next one begins. */
export function createActiveFaults(options: ActiveFaultsOptions): ActiveFaults {
  const { system, catalogue, record } = options
  const entries = new Map<string, Entry>()
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = last.then(change)
    last = result.catch(() => {}) // the one who asked hears of it; the next in line goes on
    return result
  }

  async function put(request: BreakRequest): Promise<ActiveFault> {
    const fault = findFault(catalogue, request.name)
    const level = readLevel(fault, request.level)
    if (entries.has(fault.name)) throw alreadyIn(fault.name)
    const seed = request.seed ?? options.drawSeed()
    const since = system.now()
    const until = since + (request.leaseMs ?? LEASE_MS)
    const applied = await fault.apply(system, { level, seed })
    const active: ActiveFault = { name: fault.name, level, seed, since, until }
    const timer = setTimeout(() => expire(fault.name), Math.max(0, until - system.now()))
    timer.unref()
    entries.set(fault.name, { ...active, applied, timer })
    await record(startRecord(active, fault, applied.truth))
    return active
  }

  function expire(name: string): void {
    inTurn(() => take(name, 'lease')).catch(() => {}) // told in the record; a lease has nobody to answer to
  }

  async function take(name: string, reason: EndReason): Promise<void> {
    const entry = entries.get(name)
    if (entry === undefined) return
    clearTimeout(entry.timer)
    entries.delete(name)
    try {
      await entry.applied.undo()
      await record(endRecord(name, { at: system.now(), reason, failure: null }))
    } catch (cause) {
      await record(endRecord(name, { at: system.now(), reason, failure: String(cause) }))
      throw new AppError('LAB_FAILED', `expected to take back ${name}, but it failed: ${String(cause)}`, {
        hint: '`firebreak lab down`, then `firebreak lab up` brings the system up as new',
        cause,
      })
    }
  }

  async function takeAll(names: readonly string[], reason: EndReason): Promise<readonly string[]> {
    let failure: unknown = null
    for (const name of names.toReversed()) {
      try {
        await take(name, reason)
      } catch (cause) {
        failure ??= cause // the others are taken back all the same
      }
    }
    if (failure !== null) throw failure
    return names
  }

  return {
    list: () => [...entries.values()].map(({ applied: _applied, timer: _timer, ...active }) => active),
    apply: (request) => inTurn(() => put(request)),
    mend: (name) =>
      inTurn(async () => {
        if (name !== undefined) findFault(catalogue, name)
        if (name !== undefined && !entries.has(name)) throw notIn(name)
        return takeAll(name === undefined ? [...entries.keys()] : [name], 'mend')
      }),
    async check(name) {
      const entry = entries.get(name)
      if (entry === undefined) throw notIn(name)
      return entry.applied.check()
    },
    close: () => inTurn(async () => void (await takeAll([...entries.keys()], 'down'))),
  }
}

/** Looks a name up; where there is none, says which are near. */
export function findFault(catalogue: readonly Fault[], name: string): Fault {
  const found = catalogue.find((fault) => fault.name === name)
  if (found !== undefined) return found
  const words = name.split('-').filter((word) => word.length > 2)
  const near = catalogue.filter((fault) => words.some((word) => fault.name.includes(word)))
  const examples = (near.length > 0 ? near : catalogue).slice(0, 6).map((fault) => fault.name)
  throw new AppError('USAGE', `expected the name of a fault, found "${name}"`, {
    hint: `for example ${examples.join(', ')}; \`firebreak lab faults\` lists all`,
  })
}

function alreadyIn(name: string): AppError {
  return new AppError('USAGE', `${name} is in the system already`, {
    hint: '`firebreak lab mend` takes it out',
  })
}

function notIn(name: string): AppError {
  return new AppError('USAGE', `expected a fault that is in the system, found ${name}, which is not`, {
    hint: '`firebreak lab status` lists those that are',
  })
}
