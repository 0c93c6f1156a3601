// In: what telemetry saw. Out: when something began to be wrong, and by what sign.
// Refuses to know: why it is wrong, and who cares.
export type { Detection } from './detection.ts'
export { detect } from './detect.ts'
export { isError } from './error-onset.ts'
export { markNew } from './mark-new.ts'
export { routeWindows } from './route-windows.ts'
export { spanWindows, sumTallies, type TimeSpan } from './span-windows.ts'
// The streaming half: telemetry as it comes in, detections as they begin and end.
export type { DetectionEvent, DetectionSubject, LiveDetection, Urgency } from './live-detection.ts'
export { createLiveDetection } from './live-detector.ts'
export type { DetectionSettings, DetectionSnapshot, LiveDetector, ServiceState } from './live-detector.ts'
export type { ServicePolicy } from './judges/judge.ts'
export { isHealthProbe } from './health-route.ts'
export { describeRules } from './describe-rules.ts'
export { exportPrometheusRules } from './export-prometheus.ts'
export { replayRules, unmetExpectations } from './replay-rules.ts'
export { createSeriesDetector } from './detectors/create-series-detector.ts'
export { NOTEWORTHY_SCORE } from './detectors/novelty.ts'
