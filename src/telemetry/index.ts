// In: bytes of logs, answers to requests, deploys, a supervised process. Out: one bounded model of what was seen.
// Refuses to know: what is wrong, and why.
export type { StackFrame, ExceptionLink, ExceptionChain } from './exception.ts'
export type { Deploy } from './change.ts'
export type { Fingerprint, SeverityText, LogPosition, LogExample } from './fingerprint.ts'
export type { NoAnswer, RequestOutcome, RequestSummary, RouteStats, Tally } from './request.ts'
export { isFailed } from './request.ts'
export type { LogDigest, LogDigester, LogDigesterOptions, LogFileSummary } from './log-digest.ts'
export type { ProcessRecord } from './process-record.ts'
export type { DatabaseProbe, DatabaseSession } from './database-probe.ts'
export { routeOf } from './route.ts'
export { createRequestLedger } from './request-ledger.ts'
export type { RequestLedger, RequestOrigin } from './request-ledger.ts'
