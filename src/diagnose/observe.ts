import type { ProposedFix } from './fix.ts'
import type { SourceExplanation } from './source-explanation.ts'
export async function observe(
  _text: string,
  _explanation: SourceExplanation,
  _input: unknown,
): Promise<ProposedFix | null> {
  return null
}
