import type { ExceptionChain } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { FindingKind } from './finding.ts'

/** What a change has to explain. */
export type Symptoms = {
  readonly exceptions: readonly {
    readonly chain: ExceptionChain
    readonly count: number
    readonly isNew: boolean
  }[]
  readonly messages: readonly {
    readonly template: string
    readonly severityText: string
    readonly isNew: boolean
    readonly count: number
  }[]
  /** What the other collectors found: `pool-timed-out`, `too-many-connections`, `slow-query-logged`, … */
  readonly findingKinds: readonly FindingKind[]
  readonly onsetAt: EpochMs | null
}

/** Families of symptoms; each makes other kinds of change suspicious. */
export type Ailment = 'exhaustion' | 'slowness' | 'configuration' | 'dependency' | 'memory' | 'locking'

const byKind: Partial<Record<FindingKind, readonly Ailment[]>> = {
  'pool-timed-out': ['exhaustion'],
  'too-many-connections': ['exhaustion'],
  'sessions-idle-in-transaction': ['exhaustion', 'locking'],
  'database-connections-high': ['exhaustion'],
  'slow-query-logged': ['slowness'],
  'statement-timed-out': ['slowness', 'locking'],
  'statements-long-running': ['slowness'],
  'latency-grows': ['slowness'],
  'dependency-timed-out': ['slowness', 'dependency', 'configuration'],
  'dependency-failed': ['dependency', 'configuration'],
  'connection-refused': ['dependency', 'configuration'],
  'name-not-resolved': ['dependency', 'configuration'],
  'authentication-error': ['configuration'],
  'missing-configuration-error': ['configuration'],
  'out-of-memory-error': ['memory'],
  'memory-grows': ['memory'],
  'lock-wait-error': ['locking'],
  'sessions-blocked': ['locking'],
}

// The same families in the words of drivers and runtimes, for callers who have no findings yet.
const byWords: readonly (readonly [Ailment, RegExp])[] = [
  [
    'exhaustion',
    /\bpool\b[^.]*(?:exhaust|time[d -]*out|\bfull\b|limit|reached|empty)|pool ?(?:exhausted|timeout|is full)|queuepool|(?:time[d -]*out|waiting|could not|unable to|failed to|within)[^.]*\b(?:acquir|obtain|get|rent|borrow|check)\w*[^.]*\bconnection|(?:timeout|timed out)[^.]*(?:trying to connect|idle object|for (?:a )?connection)|(?:couldn'?t|could not|cannot|unable to|failed to) (?:get|obtain|acquire|borrow|rent)[^.]*\bconnection|connection is not available|too many (?:open files|connections|clients)|remaining connection slots|no more connections|(?:max|maximum)[\w ]* connections? (?:is |was )?(?:reached|exceeded)|emfile|max_?pool_?size|no (?:free|available|idle) connections?/i,
  ],
  [
    'slowness',
    /slow query|statement timeout|query (?:execution was interrupted|timed? ?out)|maximum statement execution time/i,
  ],
  [
    'configuration',
    /(?:missing|required|undefined|unset|not set|invalid)[^.]*\b(?:env(?:ironment)?|config(?:uration)?|setting|variable)\b|environment variable/i,
  ],
  ['memory', /out ?of ?memory|heap (?:out of memory|space|limit)|cannot allocate|memoryerror|oomkilled/i],
  ['locking', /deadlock|lock wait|could not obtain lock|database is locked/i],
  [
    'dependency',
    /econnrefused|connection refused|enotfound|getaddrinfo|name or service not known|no such host/i,
  ],
]

/** Which families of trouble are seen, from the findings and from the words of exceptions and messages. */
export function ailmentsOf(symptoms: Symptoms): ReadonlySet<Ailment> {
  const found = new Set<Ailment>(symptoms.findingKinds.flatMap((kind) => byKind[kind] ?? []))
  const texts = [
    ...symptoms.exceptions.flatMap(({ chain }) => chain.map((link) => `${link.type}: ${link.message}`)),
    ...symptoms.messages
      .filter((message) => /ERROR|FATAL|WARN/.test(message.severityText))
      .map((message) => message.template),
  ]
  for (const [ailment, pattern] of byWords) {
    // Bounded, because the patterns look far ahead.
    if (texts.some((text) => pattern.test(text.slice(0, 400)))) found.add(ailment)
  }
  return found
}
