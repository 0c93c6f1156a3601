import type { ProposedFix } from './fix.ts'
import type { SourceExplanation } from './source-explanation.ts'
export async function handleError(
  _text: string,
  _explanation: SourceExplanation,
): Promise<ProposedFix | null> {
  return null
}
