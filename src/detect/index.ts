// In: what telemetry saw. Out: when something began to be wrong, and by what sign.
// Refuses to know: why it is wrong, and who cares.
export type { Detection } from './detection.ts'
export { detect } from './detect.ts'
export { isError } from './error-onset.ts'
export { markNew } from './mark-new.ts'
export { routeWindows } from './route-windows.ts'
export { spanWindows, sumTallies, type TimeSpan } from './span-windows.ts'
