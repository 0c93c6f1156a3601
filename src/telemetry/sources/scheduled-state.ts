import type { HandOver } from './hand-over.ts'
import type { SourceState } from './source.ts'

/**
 * How a source that looks on a schedule does. `reason` is what kept its last look from seeing anything: '' where nothing
 * did, null before the first look. A full intake is told first: it is what somebody should see to.
 */
export function scheduledState(handOver: Pick<HandOver, 'state'>, reason: string | null): SourceState {
  const { waitingFor, ...counts } = handOver.state()
  if (waitingFor !== null) return { kind: 'waiting', reason: waitingFor, ...counts }
  if (reason === null) return { kind: 'starting', reason: '', ...counts }
  return { kind: reason === '' ? 'working' : 'failing', reason, ...counts }
}
