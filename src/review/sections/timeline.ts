import { toIso } from '../../time.ts'
import { columns, paragraph, type Cell, type Section } from '../block.ts'
import type { Review } from '../review.ts'
import { clock, sentence } from '../wording.ts'

const TONES: Readonly<Record<string, Cell['tone']>> = {
  'first-failure': 'bad',
  'process-ended': 'bad',
  peak: 'bad',
  recovered: 'good',
  'fix-tried': 'good',
}

/** What happened when, in UTC; the day is told where it changes. */
export function timelineSection({ timeline }: Review): Section {
  if (timeline.length === 0) return { title: 'Timeline', blocks: [paragraph('No event with a known time.')] }
  let day = ''
  const rows = timeline.map(({ at, kind, summary }): readonly Cell[] => {
    const today = toIso(at).slice(0, 10)
    const time = today === day ? clock(at) : `${today} ${clock(at)}`
    day = today
    const tone = TONES[kind]
    return [
      { text: time },
      tone ? { text: words(kind), tone } : { text: words(kind) },
      { text: sentence(summary) },
    ]
  })
  return {
    title: 'Timeline',
    blocks: [{ kind: 'table', columns: columns('Time (UTC)', 'What', 'Event'), rows }],
  }
}

function words(kind: string): string {
  // A no-break space: two words that wrap would double the height of every row.
  return kind.replaceAll('-', '\u00a0')
}
