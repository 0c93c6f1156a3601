import type { Config } from '../contract/config.ts'
import type { ServicePolicy } from '../detect/index.ts'

/** What detection is to know of each service. */
export function policiesOf({ services }: Config): ReadonlyMap<string, ServicePolicy> {
  return new Map(
    Object.entries(services).map(([name, { critical, objective, userFacing }]) => [
      name,
      { critical, objective, ...(userFacing === null ? {} : { userFacing }) },
    ]),
  )
}
