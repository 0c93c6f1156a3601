import { bullets, paragraph, type Section } from '../block.ts'
import type { Review } from '../review.ts'

/** What helped, what hurt, what to change, who is asked to do what. */
export function learningSections(review: Review): readonly Section[] {
  return [
    { title: 'What went well', blocks: [listOr(review.wentWell, 'Nothing that the records show.')] },
    { title: 'What went badly', blocks: [listOr(review.wentBadly, 'Nothing that the records show.')] },
    { title: 'Prevention', blocks: [listOr(review.prevention, 'No measure is called for.')] },
    { title: 'Action items', blocks: [tasks(review)] },
    ...(review.lessons.length > 0 ? [{ title: 'Lessons', blocks: [bullets(review.lessons)] }] : []),
  ]
}

function listOr(items: readonly string[], otherwise: string): Section['blocks'][number] {
  return items.length === 0 ? paragraph(otherwise) : bullets(items)
}

function tasks({ actionItems }: Review): Section['blocks'][number] {
  if (actionItems.length === 0) return paragraph('None.')
  return {
    kind: 'tasks',
    items: actionItems.map(({ title, kind, priority }) => ({ text: title, tags: [priority, kind] })),
  }
}
