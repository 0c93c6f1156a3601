import { serveApi } from './api-server.ts'
import type { BuiltSystem } from './build-system.ts'
import { controlOperations } from './control-operations.ts'
import { controlPort, operatorPort } from './lab-plan.ts'
import type { LabPlan, LabSurroundings } from './lab-plan.ts'
import type { FaultDesk } from './lab-system.ts'
import { operatorOperations } from './operator-operations.ts'

export type LabServersPlan = {
  readonly plan: LabPlan
  readonly surroundings: LabSurroundings
  readonly system: BuiltSystem
  readonly faults: FaultDesk
  readonly tokens: { readonly control: string; readonly operator: string }
  readonly onDown: () => void
}

/** Two doors with a key each: the platform's for responders, and the operator's, of which they know nothing. */
export async function serveLab(options: LabServersPlan): Promise<{ close(): Promise<void> }> {
  const { plan, system, faults, tokens } = options
  const control = await serveApi({
    title: 'Platform control API',
    description: 'Releases, instances, configuration, flags and figures of the shop.',
    host: plan.apiHost,
    port: controlPort(plan),
    token: tokens.control,
    operations: controlOperations(system),
  })
  const operator = await serveApi({
    title: 'Operator API',
    description: 'For whoever runs the lab.',
    host: plan.apiHost,
    port: operatorPort(plan),
    token: tokens.operator,
    operations: operatorOperations(options),
  })
  return {
    async close() {
      await faults.close().catch(() => {}) // the processes that it would mend end in a moment
      await Promise.all([control.close(), operator.close()])
    },
  }
}
