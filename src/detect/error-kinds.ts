import type { EpochMs } from '../time.ts'
import type { ErrorFingerprint } from './error-fingerprint.ts'

/** One kind of error of one service, as it is kept over months. */
export type ErrorKind = {
  readonly service: string
  readonly id: string
  readonly template: string
  readonly isException: boolean
  readonly firstSeen: EpochMs
  lastSeen: EpochMs
  count: number
  /** It was not there while the service was learned. */
  readonly isNew: boolean
  /** Occurrences per minute of the last two hours or so, before the last minute. */
  usualPerMinute: number
  /** The running minute, and what it has. */
  minute: number
  inMinute: number
}

type ServiceErrors = {
  readonly firstAt: EpochMs
  readonly kinds: Map<string, ErrorKind>
  /** Templates that may have variants, by each half of their words: a storm of new texts asks for them all the time. */
  readonly texts: Map<string, Text[]>
}

type Text = { readonly words: readonly string[]; readonly kind: ErrorKind }

export type ErrorKinds = {
  readonly note: (seen: ErrorSighting) => ErrorKind | null
  /** A service was heard of: from here on it is being learned. */
  readonly noteService: (service: string, now: EpochMs) => void
  readonly all: () => Iterable<ErrorKind>
  readonly figures: () => { readonly fingerprints: number; readonly fingerprintsRefused: number }
  readonly snapshot: () => unknown
  readonly restore: (kept: unknown) => void
}

export type ErrorSighting = {
  readonly service: string
  readonly fingerprint: ErrorFingerprint
  readonly at: EpochMs
  readonly now: EpochMs
}

const MAX_PER_SERVICE = 500
const MAX_KINDS = 10_000
const MAX_SERVICES = 1000
const MINUTE_MS = 60_000
/** Half of what is usual is from the last hour. */
const FADE = 0.5 ** (1 / 60)
const MIN_TOKENS = 4

/** The kinds of errors of every service; bounded, and handed out as a value, so that a restart forgets none. */
export function createErrorKinds(warmUpMs: number): ErrorKinds {
  const services = new Map<string, ServiceErrors>()
  let count = 0
  let refused = 0

  function serviceOf(service: string, now: EpochMs): ServiceErrors | null {
    const known = services.get(service)
    if (known || services.size >= MAX_SERVICES) return known ?? null
    const made: ServiceErrors = { firstAt: now, kinds: new Map(), texts: new Map() }
    services.set(service, made)
    return made
  }

  function add(errors: ServiceErrors, { service, fingerprint, at, now }: ErrorSighting): ErrorKind | null {
    const words = wordsOf(fingerprint)
    const variant = variantOf(errors, words)
    if (variant) return variant
    if (errors.kinds.size >= MAX_PER_SERVICE || count >= MAX_KINDS) {
      refused += 1
      return null
    }
    count += 1
    const kind: ErrorKind = {
      service,
      ...fingerprint,
      firstSeen: at,
      lastSeen: at,
      count: 0,
      isNew: now - errors.firstAt >= warmUpMs,
      usualPerMinute: 0,
      minute: Math.floor(at / MINUTE_MS),
      inMinute: 0,
    }
    keep(errors, kind, words)
    return kind
  }

  return {
    note(seen) {
      const errors = serviceOf(seen.service, seen.now)
      if (errors === null) return null
      const kind = errors.kinds.get(seen.fingerprint.id) ?? add(errors, seen)
      if (kind) countIn(kind, seen.at)
      return kind
    },
    noteService: (service, now) => void serviceOf(service, now),
    *all() {
      for (const { kinds } of services.values()) yield* kinds.values()
    },
    figures: () => ({ fingerprints: count, fingerprintsRefused: refused }),
    snapshot: () => keptOf(services),
    restore(kept) {
      count += restoreInto(services, kept)
    },
  }
}

type Kept = { readonly service: string; readonly firstAt: EpochMs; readonly kinds: readonly ErrorKind[] }

function keptOf(services: ReadonlyMap<string, ServiceErrors>): Kept[] {
  return [...services].map(([service, { firstAt, kinds }]) => ({
    service,
    firstAt,
    kinds: [...kinds.values()],
  }))
}

/** Answers how many kinds there were. */
function restoreInto(services: Map<string, ServiceErrors>, kept: unknown): number {
  if (!Array.isArray(kept)) return 0
  let count = 0
  for (const { service, firstAt, kinds } of kept as readonly Kept[]) {
    const errors: ServiceErrors = { firstAt, kinds: new Map(), texts: new Map() }
    services.set(service, errors)
    for (const kind of kinds) keep(errors, kind, wordsOf(kind))
    count += kinds.length
  }
  return count
}

/** None of what has no variants: exceptions, and texts too short to tell a value from a word. */
function wordsOf({ template, isException }: Pick<ErrorKind, 'template' | 'isException'>): readonly string[] {
  const words = isException ? [] : template.split(' ')
  return words.length < MIN_TOKENS ? [] : words
}

function keep(errors: ServiceErrors, kind: ErrorKind, words: readonly string[]): void {
  errors.kinds.set(kind.id, kind)
  for (const half of halvesOf(words)) {
    const same = errors.texts.get(half)
    if (same) same.push({ words, kind })
    else errors.texts.set(half, [{ words, kind }])
  }
}

/** Texts of one length that differ in a single word share one of these. */
function halvesOf(words: readonly string[]): readonly string[] {
  if (words.length === 0) return []
  const middle = words.length >> 1
  const [first, second] = [words.slice(0, middle), words.slice(middle)]
  return [`${words.length} < ${first.join(' ')}`, `${words.length} > ${second.join(' ')}`]
}

/** A template that differs from a known one in a single word is taken for the same: the word is a value. */
function variantOf({ texts }: ServiceErrors, words: readonly string[]): ErrorKind | null {
  for (const half of halvesOf(words)) {
    const known = texts.get(half)?.find((text) => differsInOneAtMost(text.words, words))
    if (known) return known.kind
  }
  return null
}

function differsInOneAtMost(one: readonly string[], other: readonly string[]): boolean {
  let differing = 0
  for (let index = 0; index < one.length; index += 1) {
    if (one[index] === other[index]) continue
    differing += 1
    if (differing > 1) return false
  }
  return true
}

function countIn(kind: ErrorKind, at: EpochMs): void {
  turnMinute(kind, at)
  kind.count += 1
  kind.inMinute += 1
  kind.lastSeen = Math.max(kind.lastSeen, at)
}

/** What is late by minutes counts in the running one: it is about how often, not about when exactly. */
export function turnMinute(kind: ErrorKind, now: EpochMs): void {
  const minute = Math.floor(now / MINUTE_MS)
  if (minute <= kind.minute) return
  const weight = 1 - FADE
  kind.usualPerMinute = kind.usualPerMinute * FADE + kind.inMinute * weight
  const empty = minute - kind.minute - 1
  if (empty > 0) kind.usualPerMinute *= FADE ** empty
  kind.minute = minute
  kind.inMinute = 0
}
