import type { Retention, Table } from './schema.ts'

const WORD = 'LowCardinality(String) CODEC(ZSTD(1))'
const AT = 'At DateTime64(9) CODEC(Delta(8), ZSTD(1))'
const JSON_TEXT = 'Json String CODEC(ZSTD(3))'

type Seldom = { readonly columns: readonly string[]; readonly orderBy: string; readonly engine?: string }

function own(kind: keyof Retention, { columns, orderBy, engine = 'MergeTree' }: Seldom): Table {
  return {
    name: `firebreak_${kind}`,
    columns: [AT, ...columns],
    engine,
    partitionBy: 'toYYYYMM(At)',
    orderBy,
    age: 'toDateTime(At)',
    keep: kind,
  }
}

/** Requests of access logs; by day, for there are as many as lines. */
const requests: Table = {
  ...own('requests', {
    columns: [
      `ServiceName ${WORD}`,
      `Route ${WORD}`,
      'Status UInt16 CODEC(ZSTD(1))',
      `NoAnswer ${WORD}`,
      'DurationMs Float64 CODEC(ZSTD(1))',
      'Client String CODEC(ZSTD(1))',
    ],
    orderBy: '(ServiceName, toDateTime(At), At)',
  }),
  partitionBy: 'toDate(At)',
}

export const OWN_TABLES: readonly Table[] = [
  requests,
  own('changes', {
    columns: [`ServiceName ${WORD}`, 'Id String', `Kind ${WORD}`, JSON_TEXT],
    orderBy: '(At, Id)',
    engine: 'ReplacingMergeTree', // a webhook is often delivered twice
  }),
  own('reports', {
    columns: [`ServiceName ${WORD}`, 'Id String', JSON_TEXT],
    orderBy: '(At, Id)',
    engine: 'ReplacingMergeTree',
  }),
  own('probes', {
    columns: [
      `ServiceName ${WORD}`,
      `Probe ${WORD}`,
      `Kind ${WORD}`,
      'Succeeded Bool',
      'DurationMs Float64',
      JSON_TEXT,
    ],
    orderBy: '(toDateTime(At), Probe, At)',
  }),
  own('databases', {
    columns: [`Target ${WORD}`, `Engine ${WORD}`, 'Used Float64', 'Limit Float64', JSON_TEXT],
    orderBy: '(toDateTime(At), Target, At)',
  }),
  own('alerts', {
    columns: [`ServiceName ${WORD}`, 'Key String', `Status ${WORD}`, `Name ${WORD}`, JSON_TEXT],
    orderBy: '(At, Key, Status)',
    engine: 'ReplacingMergeTree', // each notice repeats what still fires
  }),
  own('detections', {
    columns: [
      'Id String',
      `Kind ${WORD}`,
      `ServiceName ${WORD}`,
      `Rule ${WORD}`,
      `Urgency ${WORD}`,
      'DetectedAt DateTime64(9)',
      JSON_TEXT,
    ],
    orderBy: '(DetectedAt, Id, At, Kind)',
    engine: 'ReplacingMergeTree',
  }),
]
