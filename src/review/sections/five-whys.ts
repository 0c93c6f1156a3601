import { bullets, paragraph, type Block, type Section } from '../block.ts'
import type { Review } from '../review.ts'

/** The whys that evidence answers, and the questions where it ends. */
export function fiveWhysSection({ fiveWhys, detection }: Review): Section {
  const title = 'Five whys'
  if (!detection) return { title, blocks: [paragraph('Nothing failed, so there is nothing to ask.')] }
  const { steps, askPeople } = fiveWhys
  const told: readonly Block[] =
    steps.length === 0
      ? [paragraph('No finding answers the first why.')]
      : [
          {
            kind: 'whys',
            steps: steps.map(({ why, because, findings }) => ({
              why,
              because,
              sources: findings.map((one) => one.source),
            })),
          },
        ]
  const end =
    steps.length < 5
      ? 'Here the evidence ends. To go on, ask the team:'
      : 'What no record can answer, for the team:'
  return { title, blocks: [...told, ...(askPeople.length > 0 ? [paragraph(end), bullets(askPeople)] : [])] }
}
