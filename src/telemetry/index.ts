// In: bytes of logs, answers to requests, deploys, a supervised process. Out: one bounded model of what was seen.
// Refuses to know: what is wrong, and why.
export type { StackFrame, ExceptionLink, ExceptionChain } from './exception.ts'
export type { Deploy } from './change.ts'
export type { Fingerprint, SeverityText } from './fingerprint.ts'
export type { RequestOutcome, RequestSummary, RouteStats, Tally } from './request.ts'
export { isFailed } from './request.ts'
export type { LogDigest } from './log-digest.ts'
export type { ProcessRecord } from './process-record.ts'
export type { DatabaseProbe, DatabaseSession } from './database-probe.ts'
export { routeOf } from './requests/route.ts'
export { createRequestLedger } from './requests/request-ledger.ts'
export type { PlannedRequest, RecordedRequest } from './requests/recorded-request.ts'
export { readRequests } from './requests/read-requests.ts'
export { requestForUrl, toReplayFile } from './requests/recorded-request.ts'
export type { Observation, WatchPlan } from './watch-program.ts'
export { watchProgram } from './watch-program.ts'
export type { StopRule } from './stop-rule.ts'
export { repositoryPath } from './exceptions/in-app.ts'
export { probeDatabase, watchDatabase } from './sources/database-probe.ts'
export { createConnections } from './sources/request-sender.ts'
export { readDeploys } from './read-deploys.ts'
export { createLogDigester } from './lines/log-digester.ts'
export { readLogs } from './sources/log-files.ts'
export { redactCode } from './redact.ts'
export { createRedactBatches, type RedactBatches } from './redact-batches.ts'
// What streaming detection judges.
export type { LogRecord } from './log-record.ts'
export type { Attributes } from './attributes.ts'
export type { Resource } from './resource.ts'
export type { Span, SpanKind } from './span.ts'
export type {
  ExponentialHistogramPoint,
  GaugePoint,
  HistogramPoint,
  MetricPoint,
  SummaryPoint,
  SumPoint,
  Temporality,
} from './metric-point.ts'
export type { Change } from './change.ts'
export type { UserReport } from './user-report.ts'
export type { ProbeResult } from './probe-result.ts'
export type { ReceivedAlert } from './received-alert.ts'
export type { LoggedRequests, SignalKind, TelemetryBatch } from './telemetry-batch.ts'
export { chainFromFields } from './exceptions/chain-from-fields.ts'
export { exceptionKey } from './exceptions/exception-key.ts'
export { messageTokens, renderTokens } from './templates/message-tokens.ts'
export { redact } from './redact.ts'
export type { Intake, Taken } from './intake.ts'
// The other ways in.
export type { Source, SourceDeps, SourceState } from './sources/source.ts'
export { createWebhooks, webhookNames } from './sources/webhooks.ts'
export type { WebhookName, WebhookReply, Webhooks } from './sources/webhooks.ts'
export { parseUserReport } from './sources/user-report.ts'
export { startProbe, type ProbeOptions } from './sources/probe.ts'
export { startLogTail } from './sources/log-tail.ts'
export { startDatabaseSource, checkDatabase } from './sources/database-source.ts'
export { startHostFigures } from './sources/host-figures.ts'
export { startWatchedRepository } from './sources/watched-repository.ts'
// What is pushed to us: OTLP over HTTP and gRPC, Prometheus remote write.
export { createAdmission } from './sources/admission.ts'
export { createSourceCounters, type SourceCounters } from './source-counters.ts'
export type { TelemetryLimits } from './otlp/limits.ts'
export { createOtlpHttp } from './sources/otlp-http.ts'
export { createOtlpGrpc } from './sources/otlp-grpc.ts'
export { createRemoteWrite } from './sources/remote-write.ts'
