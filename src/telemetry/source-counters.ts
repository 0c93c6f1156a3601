/** What is counted of a way in. `received` and `accepted` are items: records, spans, points; the rest of them is in
 *  `refused` and `skipped` (points without a value). */
export type SourceFigure =
  | 'requests'
  | 'bytes'
  | 'received'
  | 'accepted'
  | 'skipped'
  | 'dropped-attributes'
  | 'cut-values'

export type SourceCount = {
  readonly source: string
  readonly requests: number
  readonly bytes: number
  readonly received: number
  readonly accepted: number
  readonly skipped: number
  readonly droppedAttributes: number
  readonly cutValues: number
  /** Items and requests that were refused, by reason. */
  readonly refused: ReadonlyMap<string, number>
}

/** What came in by each way in, since the start. */
export type SourceCounters = {
  readonly add: (source: string, figure: SourceFigure, count?: number) => void
  /** The reasons of one source are a few fixed words: what a sender wrote is never one of them. */
  readonly refuse: (source: string, reason: string, count?: number) => void
  readonly snapshot: () => readonly SourceCount[]
}

type Counting = { readonly figures: Map<SourceFigure, number>; readonly refused: Map<string, number> }

export function createSourceCounters(): SourceCounters {
  const sources = new Map<string, Counting>()

  function of(source: string): Counting {
    const known = sources.get(source)
    if (known !== undefined) return known
    const made: Counting = { figures: new Map(), refused: new Map() }
    sources.set(source, made)
    return made
  }

  return {
    add(source, figure, count = 1) {
      const { figures } = of(source)
      figures.set(figure, (figures.get(figure) ?? 0) + count)
    },
    refuse(source, reason, count = 1) {
      const { refused } = of(source)
      refused.set(reason, (refused.get(reason) ?? 0) + count)
    },
    snapshot: () => [...sources].map(([source, counting]) => countOf(source, counting)),
  }
}

function countOf(source: string, { figures, refused }: Counting): SourceCount {
  return {
    source,
    requests: figures.get('requests') ?? 0,
    bytes: figures.get('bytes') ?? 0,
    received: figures.get('received') ?? 0,
    accepted: figures.get('accepted') ?? 0,
    skipped: figures.get('skipped') ?? 0,
    droppedAttributes: figures.get('dropped-attributes') ?? 0,
    cutValues: figures.get('cut-values') ?? 0,
    refused: new Map(refused),
  }
}
