import type { LabStatus } from '../platform/lab-status.ts'

/** What a tour looks at; over the last ten seconds, as `lab status` has it. */
export type Figures = Pick<
  LabStatus,
  'requestsPerSecond' | 'errorRate' | 'p50Ms' | 'p95Ms' | 'dbConnections' | 'cpuCores'
>

/** Something worth a sentence, said once. */
export type TurningPoint = {
  readonly name: string
  readonly isReached: (now: Figures, calm: Figures) => boolean
  readonly say: (now: Figures, calm: Figures) => string
}

/** The shares at which document 4's alerts go off: errors 1 %, response time 1 s, connections 80 %. */
const ALERT = { errorRate: 0.01, p95Ms: 1_000, connections: 0.8 }
/** What the same document calls an outage. */
const OUTAGE = 0.45

/** The way down, in no order: each fault has its own. */
export const wayDown: readonly TurningPoint[] = [
  {
    name: 'errors',
    isReached: ({ errorRate }) => errorRate > ALERT.errorRate,
    say: ({ errorRate }) =>
      `Users feel it: ${percent(errorRate)} of the requests fail. An alert at 1 % goes off now.`,
  },
  {
    name: 'slow',
    isReached: ({ p95Ms }) => p95Ms > ALERT.p95Ms,
    say: ({ p95Ms }) => `One request in twenty takes longer than ${seconds(p95Ms)}: pages hang.`,
  },
  {
    name: 'connections',
    isReached: (now) => connectionShare(now) > ALERT.connections,
    say: ({ dbConnections: { used, limit } }) =>
      `The database has ${used} of its ${limit} connections taken: soon nobody gets one any more.`,
  },
  {
    name: 'processor',
    // A deploy takes processor time, too: only where users are hurt is it worth a sentence.
    isReached: (now, calm) => hurts(now) && now.cpuCores > 0.7 && now.cpuCores > 2 * calm.cpuCores,
    say: (now, calm) =>
      `The processes need ${now.cpuCores.toFixed(2)} cores, ${calm.cpuCores.toFixed(2)} before: also work that ends in nothing has to be done.`,
  },
  {
    name: 'outage',
    isReached: ({ errorRate }) => errorRate > OUTAGE,
    say: ({ errorRate }) => `${percent(errorRate)} of the requests fail: this is an outage.`,
  },
]

/** Users feel something: what an operator would be called for. */
export function hurts(figures: Figures): boolean {
  return figures.errorRate > ALERT.errorRate || figures.p95Ms > ALERT.p95Ms
}

/** It will hardly get worse. */
export function isOutage({ errorRate }: Figures): boolean {
  return errorRate > OUTAGE
}

/** As the shop is on an ordinary day: errors, answers and connections. */
export function isNormal(figures: Figures): boolean {
  return figures.errorRate < ALERT.errorRate && figures.p95Ms < 500 && connectionShare(figures) < 0.5
}

export function connectionShare({ dbConnections: { used, limit } }: Figures): number {
  return limit === 0 ? 0 : used / limit
}

/** `2.4 %`, `62 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share >= 0.1 || share === 0 ? 0 : 1)} %`
}

/** `340 ms`, `8.1 s` */
export function seconds(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms.toFixed(0)} ms`
}
