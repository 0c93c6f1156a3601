import type { Section } from './block.ts'
import type { Review } from './review.ts'
import { detectionSection } from './sections/detection.ts'
import { evidenceSection } from './sections/evidence.ts'
import { fiveWhysSection } from './sections/five-whys.ts'
import { impactSection } from './sections/impact.ts'
import { learningSections } from './sections/learning.ts'
import { resolutionSection } from './sections/resolution.ts'
import { rootCauseSection } from './sections/root-cause.ts'
import { slaSection } from './sections/sla.ts'
import { summarySection } from './sections/summary.ts'
import { timelineSection } from './sections/timeline.ts'

/** The review's sections in the order in which they are read; the same for Markdown and HTML. */
export function compose(review: Review): readonly Section[] {
  const sections = [
    summarySection(review),
    impactSection(review),
    timelineSection(review),
    detectionSection(review),
    rootCauseSection(review),
    fiveWhysSection(review),
    resolutionSection(review),
    slaSection(review),
    ...learningSections(review),
    evidenceSection(review),
  ]
  return sections.filter((section) => section !== null)
}
