import type { EpochMs } from '../time.ts'
import { isHealthProbe } from './health-route.ts'
import {
  cellOf,
  CELL_MS,
  countRequest,
  countRequests,
  createRequestSeries,
  LATE_CELLS,
} from './request-series.ts'
import type { Counts, CountedRequest, RequestSeries } from './request-series.ts'

/** Who told of the requests. The first is nearest to users; one is judged at a time, for two would count twice. */
export const REQUEST_ORIGINS = ['access-log', 'spans', 'metrics', 'probes'] as const
export type RequestOrigin = (typeof REQUEST_ORIGINS)[number]

/** The requests of one service as one origin tells them. */
export type RequestView = {
  readonly service: string
  readonly origin: RequestOrigin
  /** All of them but health checks. */
  readonly total: RequestSeries
  readonly routes: Map<string, RequestSeries>
  /** When something was last told of, by our clock. */
  toldAt: EpochMs
}

export type BoardFigures = {
  readonly requestSeries: number
  readonly routesRefused: number
  readonly late: number
  readonly early: number
}

export type RequestBoard = {
  /** What is older than two minutes or ahead of `now` by five seconds is not counted from here on. */
  readonly setNow: (now: EpochMs) => void
  readonly view: (service: string, origin: RequestOrigin) => RequestView
  readonly count: (view: RequestView, route: string, request: CountedRequest) => void
  /** Many at once, evenly over a stretch of time, as the points of a histogram tell them. */
  readonly spread: (view: RequestView, route: string, many: SpreadRequests) => void
  readonly services: () => Iterable<string>
  /** The view that is judged: the nearest to users that still tells. */
  readonly judged: (service: string) => RequestView | null
  /** Takes out routes that nobody has asked for in an hour. */
  readonly sweep: () => void
  /** Every series anew; for rules that say another limit. */
  readonly setSlow: (slowMs: (service: string, route: string | null) => number) => void
  readonly figures: () => BoardFigures
}

export type SpreadRequests = Counts & { readonly from: EpochMs; readonly to: EpochMs }

const MAX_SERVICES = 500
const MAX_ROUTES = 200
const MAX_SERIES = 4000
const MAX_AHEAD_CELLS = 5000 / CELL_MS
/** An origin that has been silent for so long gives way to the next one. */
const SILENT_MS = 120_000
const IDLE_CELLS = 3_600_000 / CELL_MS
/** Routes and services past their cap are counted together. */
const OTHER_ROUTES = '(other routes)'
const OTHER_SERVICES = '(other services)'

type Views = Map<RequestOrigin, RequestView>
type SlowLimit = (service: string, route: string | null) => number

/** The last two minutes of every service's requests, by route. Bounded: 500 services, 200 routes each, 4,000 in all. */
export function createRequestBoard(firstSlowMs: SlowLimit): RequestBoard {
  const services = new Map<string, Views>()
  let slowMs = firstSlowMs
  const window = createCountWindow()
  let now = 0
  const totals = { requestSeries: 0, routesRefused: 0 }

  function view(name: string, origin: RequestOrigin): RequestView {
    const service = services.has(name) || services.size < MAX_SERVICES ? name : OTHER_SERVICES
    const known = services.get(service)?.get(origin)
    if (known) return known
    const total = createRequestSeries(slowMs(service, null))
    const made: RequestView = { service, origin, total, routes: new Map(), toldAt: now }
    services.set(service, (services.get(service) ?? new Map<RequestOrigin, RequestView>()).set(origin, made))
    totals.requestSeries += 1
    return made
  }

  function routeOf(of: RequestView, route: string): RequestSeries {
    const known = of.routes.get(route)
    if (known) return known
    if (route !== OTHER_ROUTES && isRefused(of, totals)) return routeOf(of, OTHER_ROUTES)
    const made = createRequestSeries(slowMs(of.service, route))
    of.routes.set(route, made)
    totals.requestSeries += 1
    return made
  }

  return {
    setNow(at) {
      now = at
      window.moveTo(cellOf(at))
    },
    view,
    count(of, route, request) {
      of.toldAt = now
      if (!window.has(Math.floor(request.at / CELL_MS))) return
      countRequest(routeOf(of, route), request)
      if (!isHealthProbe(route)) countRequest(of.total, request)
    },
    spread(of, route, many) {
      of.toldAt = now
      const counting = isHealthProbe(route) ? [routeOf(of, route)] : [routeOf(of, route), of.total]
      eachCell(many, (cell, counts) => {
        if (!window.has(cell)) return
        for (const series of counting) countRequests(series, cell * CELL_MS, counts)
      })
    },
    services: () => services.keys(),
    judged: (service) => nearest(services.get(service), now),
    sweep() {
      for (const { routes } of everyView(services))
        totals.requestSeries -= dropIdle(routes, cellOf(now) - IDLE_CELLS)
    },
    setSlow(next) {
      slowMs = next
      for (const one of everyView(services)) setSlowOf(one, next)
    },
    figures: () => ({ ...totals, ...window.figures() }),
  }
}

/** There are too many already; counted. */
function isRefused(
  of: RequestView,
  totals: { readonly requestSeries: number; routesRefused: number },
): boolean {
  if (of.routes.size < MAX_ROUTES && totals.requestSeries < MAX_SERIES) return false
  totals.routesRefused += 1
  return true
}

/** The cells that requests are counted in; what lies outside is counted as what it is. */
function createCountWindow() {
  let oldest = -1
  let newest = -1
  let late = 0
  let early = 0
  return {
    moveTo(cell: number): void {
      oldest = cell - LATE_CELLS + 1
      newest = cell + MAX_AHEAD_CELLS
    },
    has(cell: number): boolean {
      if (cell >= oldest && cell <= newest) return true
      if (cell < oldest) late += 1
      else early += 1 // or no number at all
      return false
    },
    figures: () => ({ late, early }),
  }
}

function* everyView(services: ReadonlyMap<string, Views>): Generator<RequestView> {
  for (const views of services.values()) yield* views.values()
}

function setSlowOf({ service, total, routes }: RequestView, slowMs: SlowLimit): void {
  total.slowMs = slowMs(service, null)
  for (const [route, series] of routes) series.slowMs = slowMs(service, route)
}

/** Answers how many there were. */
function dropIdle(routes: Map<string, RequestSeries>, idle: number): number {
  const gone = [...routes].filter(([, { head }]) => head < idle)
  for (const [route] of gone) routes.delete(route)
  return gone.length
}

function nearest(views: Views | undefined, now: EpochMs): RequestView | null {
  if (!views) return null
  const all = REQUEST_ORIGINS.flatMap((origin) => views.get(origin) ?? [])
  return all.find(({ toldAt, total }) => toldAt > now - SILENT_MS && total.head >= 0) ?? all[0] ?? null
}

/** Whole requests for each cell, so that the sum is exact whatever the number of cells. */
function eachCell(
  { from, to, requests, failed, slow }: SpreadRequests,
  visit: (cell: number, counts: Counts) => void,
): void {
  const last = cellOf(to)
  // What is too old is not counted anyway: no need to visit a day of cells.
  const first = Math.max(Math.min(cellOf(from) + 1, last), last - LATE_CELLS)
  const cells = last - first + 1
  const part = (count: number, index: number): number =>
    Math.floor((count * (index + 1)) / cells) - Math.floor((count * index) / cells)
  for (let index = 0; index < cells; index += 1) {
    const counts = { requests: part(requests, index), failed: part(failed, index), slow: part(slow, index) }
    if (counts.requests > 0) visit(first + index, counts)
  }
}
