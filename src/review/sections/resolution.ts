import type { ProposedFix } from '../../diagnose/index.ts'
import { codeLines, columns, paragraph, type Block, type Cell, type Section } from '../block.ts'
import { mainFactor } from '../facts.ts'
import type { Review } from '../review.ts'
import { dateTime, percent, quoted, sentence } from '../wording.ts'

/** What ends it now, what ends it for good, whether that was proven, and how to see that it is over. */
export function resolutionSection(review: Review): Section {
  const title = 'Resolution'
  if (!review.detection) return { title, blocks: [paragraph('Nothing to resolve.')] }
  const factor = mainFactor(review)
  return {
    title,
    blocks: [
      paragraph(state(review)),
      ...steps('Stop the bleeding', factor?.immediateFix ?? []),
      ...steps('Fix it for good', factor?.permanentFix ?? []),
      ...fixes(review),
      ...proof(review),
      ...steps('See that it is over', factor?.verify ?? []),
    ],
  }
}

function state({ detection }: Review): string {
  if (!detection || detection.endedAt === null)
    return 'The incident goes on as far as was observed: it is open.'
  return `The failures stopped at ${dateTime(detection.endedAt)}. What ended them lasts only if the cause below is gone.`
}

function steps(heading: string, items: readonly string[]): readonly Block[] {
  return items.length === 0
    ? []
    : [
        { kind: 'heading', text: heading },
        { kind: 'list', items: items.map(sentence), style: 'numbers' },
      ]
}

function fixes({ diagnosis }: Review): readonly Block[] {
  const all = diagnosis?.fixes ?? []
  return all.flatMap((fix, index) => oneFix(fix, index + 1))
}

function oneFix(fix: ProposedFix, number: number): readonly Block[] {
  const where =
    fix.file === null
      ? null
      : fix.kind === 'remove-cause'
        ? `${quoted(fix.file)} afterwards`
        : `In ${quoted(fix.file)}`
  const code: readonly Block[] =
    fix.code.trim() === ''
      ? []
      : [{ kind: 'code', language: fix.language, caption: where, lines: codeLines(fix.code) }]
  const patch: readonly Block[] =
    fix.patch === null || fix.kind !== 'remove-cause'
      ? []
      : [{ kind: 'diff', caption: '`fix.patch`, for `git apply`', lines: patchLines(fix.patch) }]
  return [
    { kind: 'heading', text: `Fix ${number}: ${fix.title}` },
    paragraph(sentence(fix.description)),
    ...code,
    ...patch,
  ]
}

/** The hunks alone: the file names stand in the caption and in the patch itself. */
function patchLines(patch: string): readonly string[] {
  const lines = patch.replace(/\n$/, '').split('\n')
  return lines.length > 60 ? [...lines.slice(0, 60), ` … ${lines.length - 60} more lines`] : lines
}

/** A quarter of the failures or fewer are left: the fix is on the right way, and something else fails besides. */
function helps({ before, after }: Extract<Review['proof'], { kind: 'tried' }>): boolean {
  if (before.requests === 0 || after.requests === 0) return false
  return after.failed / after.requests <= before.failed / before.requests / 4
}

function proof({ proof: tried }: Review): readonly Block[] {
  const heading: Block = { kind: 'heading', text: 'Proof' }
  if (tried.kind === 'not-tried') return [heading, paragraph(sentence(`No fix was tried: ${tried.reason}`))]
  const row = (name: string, { requests, failed }: { requests: number; failed: number }): readonly Cell[] => {
    const share = requests === 0 ? 0 : failed / requests
    const tone = failed === 0 ? 'good' : 'bad'
    return [
      { text: name },
      { text: requests.toLocaleString('en-US') },
      { text: failed.toLocaleString('en-US') },
      { text: percent(share), bar: share, tone },
    ]
  }
  if (tried.after.requests === 0)
    return [heading, paragraph(sentence(`The first fix was tried and is none: ${tried.note}`))]
  const verdict = tried.proven
    ? 'The first fix is proven.'
    : helps(tried)
      ? 'The first fix ends most of the failure, not all of it.'
      : 'The first fix does not end the failure.'
  const rows = [row('Before', tried.before), row('With the fix', tried.after)]
  return [
    heading,
    paragraph(`${verdict} ${sentence(tried.note)}`),
    { kind: 'table', columns: columns('', '>Requests', '>Failed', '>Share'), rows },
  ]
}
