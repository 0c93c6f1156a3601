import { bullets, type Section } from '../block.ts'
import type { Review } from '../review.ts'

/** What a manager reads, and nothing else. */
export function summarySection(review: Review): Section {
  const [first = '', ...rest] = review.summary
  return {
    title: 'Summary',
    blocks: [{ kind: 'lead', text: first }, ...(rest.length > 0 ? [bullets(rest)] : [])],
  }
}
