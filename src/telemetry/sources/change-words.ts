import type { Change } from '../change.ts'
import type { WebhookContent } from './webhook.ts'

/** One change as the content of a delivery; its id is the delivery's. */
export function changesOf(deliveryId: string, change: Omit<Change, 'id'>): WebhookContent {
  return {
    kind: 'batches',
    deliveryId,
    batches: [{ kind: 'changes', items: [{ ...change, id: deliveryId }] }],
  }
}

/** Understood, and not kept. */
export function nothing(reason: string): WebhookContent {
  return { kind: 'nothing', reason }
}

/** What a word of a deployment tool (`deploy`, `deploy:migrations`, `rollback`, `restart`) says was done. */
export function kindOfTask(task: string): Change['kind'] {
  if (/roll[-_ ]?back|revert/i.test(task)) return 'rollback'
  if (/migrat|schema/i.test(task)) return 'schema'
  if (/restart|reboot/i.test(task)) return 'restart'
  if (/scal(?:e|ing)/i.test(task)) return 'scale'
  if (/flag|toggle/i.test(task)) return 'flag'
  if (/config|setting/i.test(task)) return 'config'
  return 'deploy'
}

/** `3 commits to main: Cache the cart`; the first line of the newest commit's message. */
export function pushSummary(commits: number, branch: string, message: string | null): string {
  const subject = shortened(message?.split('\n')[0] ?? '')
  const count = commits === 1 ? '1 commit' : `${commits} commits`
  return `${count} to ${branch}${subject === '' ? '' : `: ${subject}`}`
}

const LONGEST_SHOWN = 200

/** Text of a stranger as part of one line. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= LONGEST_SHOWN ? line : `${line.slice(0, LONGEST_SHOWN - 1)}…`
}

/** A whole commit id; null for a branch, a short id, or the zeros that stand for "there was none". */
export function commitOrNull(text: string | null): string | null {
  return text !== null && /^[0-9a-f]{40,64}$/.test(text) && !/^0+$/.test(text) ? text : null
}
