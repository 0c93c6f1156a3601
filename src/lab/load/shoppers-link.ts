import { loadFigures } from './load-figures.ts'
import type { LoadFigures } from './load-figures.ts'
import type {
  SecondReport,
  ShopperProfile,
  ShopperSettings,
  ShoppersCommand,
  ShoppersReport,
} from './shoppers-protocol.ts'

/** The shoppers' process as the one that started it sees it. */
export type ShoppersLink = {
  start(settings: ShopperSettings): void
  setRate(perSecond: number): void
  setProfile(profile: ShopperProfile): void
  /** A bot that asks for one page so often, beside the shoppers; 0 ends it. */
  hammer(path: string, perSecond: number): void
  /** No new arrivals; the process ends when what is under way has ended. */
  stop(): void
  /** What the process wrote to its standard output, in any pieces. */
  read(chunk: Uint8Array | string): void
  /** Over the last `seconds`, 10 unless told. */
  figures(seconds?: number): LoadFigures
  /** The newest second, null before the first. */
  latest(): SecondReport | null
}

type LinkOptions = {
  /** To the standard input of the process. */
  readonly write: (line: string) => void
  readonly onReport?: (report: ShoppersReport) => void
}

/** Speaks shoppers-protocol.ts over a pair of pipes; keeps the last minute of seconds. */
export function createShoppersLink({ write, onReport }: LinkOptions): ShoppersLink {
  const decoder = new TextDecoder()
  const seconds: SecondReport[] = []
  let rest = ''

  function tell(command: ShoppersCommand): void {
    write(`${JSON.stringify(command)}\n`)
  }

  function take(line: string): void {
    const report = JSON.parse(line) as ShoppersReport // written by shoppers-main.ts, nobody else has the pipe
    if (report.kind === 'second' && seconds.push(report) > KEPT_SECONDS) seconds.shift()
    onReport?.(report)
  }

  return {
    start: (settings) => tell({ kind: 'start', settings }),
    setRate: (perSecond) => tell({ kind: 'rate', perSecond }),
    setProfile: (profile) => tell({ kind: 'profile', profile }),
    hammer: (path, perSecond) => tell({ kind: 'hammer', path, perSecond }),
    stop: () => tell({ kind: 'stop' }),
    read(chunk) {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') take(line)
    },
    figures: (count = 10) => loadFigures(seconds.slice(-count)),
    latest: () => seconds.at(-1) ?? null,
  }
}

const KEPT_SECONDS = 60
