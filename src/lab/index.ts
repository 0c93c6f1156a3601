// A shop that really runs on this machine, and can really be broken. In: what it is to be and what is to happen to it.
// Out: its state as its operator sees it. It knows nothing of how incidents are noticed, explained or resolved: it is
// somebody else's system.
export { createLab } from './lab.ts'
export type { Lab } from './lab.ts'
export { takeTour } from './tour/tour.ts'
export type { TourEvent } from './tour/lookout.ts'
export type { TourReport } from './tour/tour-report.ts'
export type { LabStatus } from './platform/lab-status.ts'
export type { FaultEntry } from './platform/lab-system.ts'
