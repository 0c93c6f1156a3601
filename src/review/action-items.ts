import type { ProposedFix } from '../diagnose/index.ts'
import { healthyRoute, mainError, mainFactor, suspectDeploy } from './facts.ts'
import type { ActionItem, ReviewInput } from './review.ts'
import { fingerprintName, percent, quoted, sentence } from './wording.ts'

const ORDER = { high: 0, medium: 1, low: 2 }

/** What somebody should do, most urgent first: a title, a kind, a priority. Who does it is for the team to say. */
export function actionItems(input: ReviewInput): readonly ActionItem[] {
  if (!input.detection) return []
  const items = [
    ...mitigation(input),
    ...fixes(input),
    ...findOut(input),
    ...detection(input),
    ...process(input),
  ]
  const unique = [...new Map(items.map((item) => [item.title.toLowerCase(), item])).values()]
  return unique.toSorted((a, b) => ORDER[a.priority] - ORDER[b.priority])
}

function mitigation(input: ReviewInput): readonly ActionItem[] {
  const goesOn = input.detection?.endedAt === null
  const [first] = mainFactor(input)?.immediateFix ?? []
  return first && goesOn ? [{ title: plain(first), kind: 'mitigate', priority: 'high' }] : []
}

function fixes(input: ReviewInput): readonly ActionItem[] {
  const found = input.diagnosis?.fixes ?? []
  const remove = found.find((fix) => fix.kind === 'remove-cause')
  const handle = found.find((fix) => fix.kind === 'handle-error')
  const permanent = mainFactor(input)?.permanentFix ?? []
  const main: ActionItem[] = remove
    ? [{ title: titleOfFix(remove, input), kind: 'fix', priority: 'high' }]
    : permanent.slice(0, 1).map((title) => ({ title: plain(title), kind: 'fix', priority: 'high' }))
  // The first permanent fix is in nearly every case what the patch does already.
  const rest = permanent.slice(1, 3).filter((title) => !/regression test/i.test(title))
  return [
    ...main,
    ...rest.map((title): ActionItem => ({ title: plain(title), kind: 'fix', priority: 'medium' })),
    ...(handle ? [{ title: plain(handle.title), kind: 'fix' as const, priority: 'medium' as const }] : []),
  ]
}

function titleOfFix(fix: ProposedFix, { proof }: ReviewInput): string {
  if (fix.patch === null) return plain(fix.title)
  if (proof.kind === 'tried' && !proof.proven)
    return 'Find a better fix: `fix.patch` was tried on a copy and does not end the failure'
  const state = proof.kind === 'tried' ? 'proven' : 'not yet proven'
  return `Apply \`fix.patch\` (${state}): ${fix.title.trim().replace(/\.$/, '')}`
}

function findOut({ diagnosis }: ReviewInput): readonly ActionItem[] {
  if (!diagnosis?.inconclusive) return []
  return diagnosis.nextSteps
    .slice(0, 4)
    .map((step) => ({ title: `Find out: ${plain(step)}`, kind: 'detect', priority: 'high' }))
}

function detection(input: ReviewInput): readonly ActionItem[] {
  const { impact } = input
  const [worst] = impact.routes
  const error = mainError(input)
  const items: ActionItem[] = []
  if (worst && impact.failed > 0) {
    const threshold = impact.errorRate > 0.02 ? 0.01 : impact.errorRate / 2
    const title = `Alert when over ${percent(threshold)} of requests to ${worst.route} fail for a minute`
    items.push({ title, kind: 'detect', priority: 'high' })
  } else if (error) {
    items.push({
      title: `Alert on ${quoted(fingerprintName(error), 80)} in the log`,
      kind: 'detect',
      priority: 'high',
    })
  }
  const route = healthyRoute(input)
  if (route && /health|ready|live|status|ping/i.test(route.route)) {
    items.push({
      title: `Let ${route.route} fail when ${worst?.route ?? 'the service'} cannot work`,
      kind: 'detect',
      priority: 'medium',
    })
  }
  const observe = input.diagnosis?.fixes.find((fix) => fix.kind === 'observe')
  if (observe) items.push({ title: plain(observe.title), kind: 'detect', priority: 'low' })
  return items
}

function process(input: ReviewInput): readonly ActionItem[] {
  const items: ActionItem[] = []
  if (suspectDeploy(input)) {
    items.push({
      title: 'Gate releases on the error rate of their first minutes, with automatic rollback',
      kind: 'process',
      priority: 'medium',
    })
  }
  if (input.how === 'run' && input.impact.failed > 0) {
    items.push({
      title: 'Add `firebreak replay replay.jsonl` to CI as the regression test',
      kind: 'process',
      priority: 'medium',
    })
  } else if (mainFactor(input)) {
    items.push({
      title: 'Add a regression test that fails without the fix',
      kind: 'process',
      priority: 'medium',
    })
  }
  return items
}

function plain(text: string): string {
  return sentence(text).replace(/\.$/, '')
}
