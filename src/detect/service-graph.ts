import type { Span } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/**
 * Which service calls which, learned from spans: a server span whose parent is another service's. Only some traces are
 * looked at where there are many (all spans of a trace or none), so that it costs next to nothing.
 */
export type ServiceGraph = {
  readonly observe: (span: Span) => void
  /** Adjusts the share of traces to what comes in; to be called about every second. */
  readonly tick: (now: EpochMs) => void
  readonly callers: (service: string) => readonly string[]
  readonly callees: (service: string) => readonly string[]
  /** The same service, or one that calls the other directly or through one between. */
  readonly areConnected: (one: string, other: string) => boolean
  /** Share of its requests that begin a trace, null before any. */
  readonly rootShare: (service: string) => number | null
  readonly edges: () => readonly (readonly [caller: string, callee: string])[]
  readonly addEdge: (caller: string, callee: string) => void
}

/** Spans whose service is remembered; two generations of so many. */
const MAX_REMEMBERED = 20_000
const MAX_EDGES = 5000
/** Spans of the looked-at traces, by second. */
const MANY_PER_SECOND = 4000
const FEW_PER_SECOND = 500
const MAX_MASK = 0xfff
const EDGE_MS = 24 * 3_600_000

type Generations<Value> = { young: Map<string, Value>; old: Map<string, Value> }
type Roots = { roots: number; all: number }

export function createServiceGraph(): ServiceGraph {
  const serviceOf: Generations<string> = { young: new Map(), old: new Map() }
  const waiting: Generations<string> = { young: new Map(), old: new Map() }
  const edges = createEdges()
  const roots = new Map<string, Roots>()
  let mask = 0
  let seen = 0
  let lastTick = 0

  function observeServer(service: string, parentSpanId: string): void {
    countRoot(roots, service, parentSpanId === '')
    if (parentSpanId === '') return
    const caller = lookUp(serviceOf, parentSpanId)
    if (caller === undefined) remember(waiting, parentSpanId, service)
    else edges.connect(caller, service, lastTick)
  }

  return {
    observe({ traceId, spanId, parentSpanId, kind, resource }) {
      if (kind === 'internal' || (tailOf(traceId) & mask) !== 0) return
      seen += 1
      const service = resource.serviceName
      if (kind === 'server' || kind === 'consumer') observeServer(service, parentSpanId)
      // The child of a call ends before it, and is often known before it.
      const callee = lookUp(waiting, spanId)
      if (callee !== undefined) edges.connect(service, callee, lastTick)
      remember(serviceOf, spanId, service)
    },
    tick(now) {
      const perSecond = (seen * 1000) / Math.max(now - lastTick, 1)
      if (perSecond > MANY_PER_SECOND && mask < MAX_MASK) mask = mask * 2 + 1
      else if (perSecond < FEW_PER_SECOND) mask >>= 1
      seen = 0
      lastTick = now
      edges.dropBefore(now - EDGE_MS)
    },
    callers: edges.callers,
    callees: edges.callees,
    areConnected(one, other) {
      if (one === other) return true
      const around = (service: string) => [...edges.callees(service), ...edges.callers(service)]
      const near = new Set(around(one))
      return near.has(other) || around(other).some((service) => near.has(service))
    },
    rootShare(service) {
      const counted = roots.get(service)
      return counted === undefined ? null : counted.roots / counted.all
    },
    edges: edges.all,
    addEdge: (caller, callee) => edges.connect(caller, callee, lastTick),
  }
}

/** Who calls whom, and when that was last seen. */
function createEdges() {
  const edges = new Map<string, Map<string, EpochMs>>()
  let count = 0
  return {
    connect(caller: string, callee: string, at: EpochMs): void {
      if (caller === callee) return
      const callees = edges.get(caller) ?? new Map<string, EpochMs>()
      if (!callees.has(callee)) {
        if (count >= MAX_EDGES) return
        count += 1
      }
      callees.set(callee, at)
      edges.set(caller, callees)
    },
    dropBefore(at: EpochMs): void {
      for (const callees of edges.values()) count -= dropOld(callees, at)
    },
    callees: (service: string): readonly string[] => [...(edges.get(service)?.keys() ?? [])],
    callers: (service: string): readonly string[] =>
      [...edges].flatMap(([caller, callees]) => (callees.has(service) ? [caller] : [])),
    all: (): readonly (readonly [string, string])[] =>
      [...edges].flatMap(([caller, callees]) => [...callees.keys()].map((one) => [caller, one] as const)),
  }
}

/** Older ones count half, over and over: what a service is may change. */
function countRoot(roots: Map<string, Roots>, service: string, isRoot: boolean): void {
  const counted = roots.get(service) ?? { roots: 0, all: 0 }
  counted.all += 1
  if (isRoot) counted.roots += 1
  if (counted.all > 1000) {
    counted.all /= 2
    counted.roots /= 2
  }
  if (roots.size < MAX_EDGES) roots.set(service, counted)
}

/** Answers how many there were. */
function dropOld(callees: Map<string, EpochMs>, before: EpochMs): number {
  const gone = [...callees].filter(([, at]) => at < before)
  for (const [callee] of gone) callees.delete(callee)
  return gone.length
}

/** The last three of 32 hexadecimal digits, which are drawn by chance (W3C Trace Context, level 2). */
function tailOf(traceId: string): number {
  const { length } = traceId
  return (
    (digit(traceId.charCodeAt(length - 3)) << 8) |
    (digit(traceId.charCodeAt(length - 2)) << 4) |
    digit(traceId.charCodeAt(length - 1))
  )
}

function digit(code: number): number {
  return code <= 57 ? code - 48 : (code | 32) - 87
}

function lookUp<Value>({ young, old }: Generations<Value>, key: string): Value | undefined {
  return young.get(key) ?? old.get(key)
}

function remember<Value>(generations: Generations<Value>, key: string, value: Value): void {
  if (generations.young.size >= MAX_REMEMBERED) {
    generations.old = generations.young
    generations.young = new Map()
  }
  generations.young.set(key, value)
}
